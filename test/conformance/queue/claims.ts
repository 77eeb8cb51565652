import assert from 'node:assert/strict';
import { describe } from 'node:test';
import type { ReadyDelivery } from '../../../src/domain/delivery.ts';
import type { Cursor } from '../../../src/storage/contracts/page.ts';
import type { Storage } from '../../../src/storage/contracts/storage.ts';
import { publications, T0, USER } from '../../../src/storage/testing/records.ts';
import { type StorageHarness, storageTests } from '../support/harness.ts';
import {
  claim,
  commitLane,
  commitOne,
  createWebhook,
  only,
  postponed,
  succeeded,
} from '../support/settlements.ts';

/** Creates `webhooks` webhooks with `count` due, unclaimed deliveries each. Returns the sorted ids of the webhooks. */
async function commitDue(storage: Storage, webhooks: number, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let n = 0; n < webhooks; n += 1) ids.push((await createWebhook(storage)).id);
  const { ready } = await storage.events.commit(publications(count), T0);
  await storage.queue.release(ready.map((delivery) => delivery.seq));
  return ids.toSorted();
}

function counts(ready: readonly ReadyDelivery[]): Record<string, number> {
  const of = Map.groupBy(ready, (delivery) => delivery.webhook.id);
  return Object.fromEntries(Array.from(of, ([id, deliveries]) => [id, deliveries.length]));
}

const seqs = (deliveries: readonly ReadyDelivery[]) => deliveries.map((delivery) => delivery.seq);

export function testClaims(harness: StorageHarness): void {
  const storageTest = storageTests(harness);

  describe('claims', () => {
    storageTest('a delivery that a commit or a settlement made ready is already claimed', async (storage) => {
      await createWebhook(storage);
      await commitLane(storage, 'm1', 2);
      assert.deepEqual(await claim(storage, T0 + 99), { ready: [], after: null });
      assert.equal(await storage.queue.nextDueAt(0), null);
    });

    storageTest('a released delivery can be claimed once, unchanged', async (storage) => {
      await createWebhook(storage);
      const delivery = await commitOne(storage);
      await storage.queue.release([delivery.seq]);
      assert.equal(await storage.queue.nextDueAt(0), T0);
      assert.deepEqual((await claim(storage, T0)).ready, [delivery]);
      assert.deepEqual((await claim(storage, T0)).ready, []);
    });

    storageTest('releasing an ended or unknown delivery does nothing', async (storage) => {
      await createWebhook(storage);
      const delivery = await commitOne(storage);
      await storage.queue.settle([succeeded(delivery)], T0 + 1, null);
      await storage.queue.release([delivery.seq, 987_654]);
      await storage.queue.release([]);
      assert.equal(await storage.queue.nextDueAt(0), null);
      assert.deepEqual((await claim(storage, T0 + 9)).ready, []);
    });

    storageTest('a retry is claimed when it is due, and not before', async (storage) => {
      await createWebhook(storage);
      const delivery = await commitOne(storage);
      await storage.queue.settle([postponed(delivery, T0 + 3_000)], T0, null);
      assert.equal(await storage.queue.nextDueAt(0), T0 + 3_000);
      assert.equal(await storage.queue.nextDueAt(T0 + 2_999), T0 + 3_000);
      assert.equal(await storage.queue.nextDueAt(T0 + 3_000), null);
      assert.deepEqual((await claim(storage, T0 + 2_999)).ready, []);
      assert.deepEqual(only((await claim(storage, T0 + 3_000)).ready), { ...delivery, attempts: 1 });
      assert.equal(await storage.queue.nextDueAt(0), null);
    });

    storageTest('the next due time is the earliest of all deliveries', async (storage) => {
      await createWebhook(storage);
      const [a, b, c] = [
        await commitOne(storage, 'a'),
        await commitOne(storage, 'b'),
        await commitOne(storage, 'c'),
      ];
      await storage.queue.settle(
        [postponed(a, T0 + 50), postponed(b, T0 + 20), postponed(c, T0 + 90)],
        T0,
        null,
      );
      assert.equal(await storage.queue.nextDueAt(0), T0 + 20);
      await claim(storage, T0 + 20);
      assert.equal(await storage.queue.nextDueAt(0), T0 + 50);
    });

    storageTest('within a webhook the delivery that was due first comes first', async (storage) => {
      await createWebhook(storage);
      const [a, b, c] = [
        await commitOne(storage, 'a'),
        await commitOne(storage, 'b'),
        await commitOne(storage, 'c'),
      ];
      await storage.queue.settle([postponed(a, T0 + 9)], T0, null);
      await storage.queue.release([c.seq, b.seq]);
      assert.deepEqual(seqs((await claim(storage, T0 + 10)).ready), seqs([b, c, a]));
    });

    // A backend may claim few due deliveries in another way than many.
    for (const due of [5, 100]) {
      storageTest(
        `with ${due} due, a webhook gets at most its share, less the buffered ones`,
        async (storage) => {
          const [w1, w2, w3] = await commitDue(storage, 3, due);
          assert.ok(w1 && w2 && w3);
          const buffered = [
            { webhookId: w2, count: 2 },
            { webhookId: w3, count: 7 },
            { webhookId: 'unknown', count: 1 },
          ];
          const claimed = await claim(storage, T0, { perWebhook: 3, buffered });
          assert.deepEqual(counts(claimed.ready), { [w1]: 3, [w2]: 1 });
          assert.equal(claimed.after, null);
        },
      );

      storageTest(`with ${due} due, none of a paused webhook is claimed`, async (storage) => {
        const [w1, w2] = await commitDue(storage, 2, due);
        assert.ok(w1 && w2);
        assert.ok(await storage.webhooks.pause(USER, w1, { at: T0, by: null }));
        assert.deepEqual(Object.keys(counts((await claim(storage, T0)).ready)), [w2]);
      });
    }

    storageTest('limited claims continue a round until it is complete', async (storage) => {
      const webhooks = await commitDue(storage, 3, 4);
      const taken: ReadyDelivery[] = [];
      let after: Cursor | null = null;
      let calls = 0;
      do {
        const claimed = await claim(storage, T0, { limit: 5, perWebhook: 4, after });
        assert.ok(claimed.ready.length <= 5);
        taken.push(...claimed.ready);
        after = claimed.after;
        calls += 1;
      } while (after !== null && calls < 10);
      // Every webhook had its turn. Deliveries beyond a limit are left for the next round.
      assert.deepEqual(Object.keys(counts(taken)).toSorted(), webhooks);
      taken.push(...(await claim(storage, T0)).ready);
      assert.equal(new Set(seqs(taken)).size, 12);
      assert.equal(taken.length, 12);
    });

    storageTest(
      'a claim continues where the previous one ended, and claims other deliveries',
      async (storage) => {
        const webhooks = await commitDue(storage, 3, 1);
        const first = await claim(storage, T0, { limit: 1 });
        assert.notEqual(first.after, null);
        const rest = await claim(storage, T0, { after: first.after });
        assert.equal(rest.after, null);
        const order = [...first.ready, ...rest.ready].map((delivery) => delivery.webhook.id);
        assert.deepEqual(order.toSorted(), webhooks);
        assert.deepEqual((await claim(storage, T0)).ready, []);
      },
    );

    storageTest('a claim with a limit of 0 claims nothing', async (storage) => {
      await commitDue(storage, 1, 2);
      assert.deepEqual((await claim(storage, T0, { limit: 0 })).ready, []);
      assert.deepEqual((await claim(storage, T0, { perWebhook: 0 })).ready, []);
      assert.equal((await claim(storage, T0)).ready.length, 2);
    });

    storageTest('concurrent claims never claim the same delivery', async (storage) => {
      await commitDue(storage, 2, 20);
      const claims = await Promise.all(Array.from({ length: 6 }, () => claim(storage, T0, { limit: 9 })));
      const taken = claims.flatMap((claimed) => seqs(claimed.ready));
      assert.equal(new Set(taken).size, taken.length);
      assert.equal(taken.length + (await claim(storage, T0)).ready.length, 40);
    });

    storageTest('a claimed delivery has the current webhook', async (storage) => {
      const webhook = await createWebhook(storage);
      const delivery = await commitOne(storage);
      await storage.queue.release([delivery.seq]);
      await storage.webhooks.update(
        USER,
        webhook.id,
        { url: 'https://moved.example/' },
        { at: T0, by: null },
      );
      assert.equal(only((await claim(storage, T0)).ready).webhook.url, 'https://moved.example/');
    });
  });
}
