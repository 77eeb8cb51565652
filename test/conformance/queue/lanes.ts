import assert from 'node:assert/strict';
import { describe } from 'node:test';
import type { ReadyDelivery } from '../../../src/domain/delivery.ts';
import { newWebhook, publication, T0, USER } from '../../../src/storage/testing/records.ts';
import { type StorageHarness, storageTests } from '../support/harness.ts';
import {
  claim,
  commitLane,
  commitOne,
  createWebhook,
  deliveriesOf,
  deliveryOf,
  exhausted,
  only,
  postponed,
  settle,
  succeeded,
} from '../support/settlements.ts';

export function testLanes(harness: StorageHarness): void {
  const storageTest = storageTests(harness);

  describe('lanes', () => {
    storageTest('only the first delivery of each lane is ready', async (storage) => {
      const [one, two] = [await createWebhook(storage), await createWebhook(storage)];
      const events = ['m1', 'm1', 'm2'].map((mediaId) => publication('partial.finished', { mediaId }));
      const { ready } = await storage.events.commit(events, T0);
      const lanes = ready.map(({ webhook, event }) => `${webhook.id} ${event.id}`);
      const firsts = [events[0], events[2]].flatMap((first) =>
        [one, two].map(({ id }) => `${id} ${first?.event.id}`),
      );
      assert.deepEqual(lanes.toSorted(), firsts.toSorted());
      assert.deepEqual(
        (await storage.events.commit([publication('encoding.finished', { mediaId: 'm1' })], T0)).ready,
        [],
      );
      const due = (await deliveriesOf(storage, one)).map((delivery) => delivery.nextAttemptAt);
      assert.deepEqual(due, [T0, null, T0, null]);
    });

    storageTest('a success promotes the next delivery, in the order of commits', async (storage) => {
      const webhook = await createWebhook(storage);
      const sent: string[] = [];
      let ready: readonly ReadyDelivery[] = await commitLane(storage, 'm1', 3);
      while (ready.length > 0) {
        const delivery = only(ready);
        sent.push(delivery.id);
        ready = await settle(storage, [succeeded(delivery, T0 + sent.length)], T0 + 10 * sent.length);
      }
      const all = await deliveriesOf(storage, webhook);
      assert.deepEqual(
        sent,
        all.map((delivery) => delivery.id),
      );
      assert.deepEqual(
        all.map(({ state, endedAt, attempts }) => [state, endedAt, attempts]),
        [
          ['succeeded', T0 + 10, 1],
          ['succeeded', T0 + 20, 1],
          ['succeeded', T0 + 30, 1],
        ],
      );
    });

    storageTest('a postponed delivery blocks its lane', async (storage) => {
      const webhook = await createWebhook(storage);
      const first = only(await commitLane(storage, 'm1', 2));
      assert.deepEqual(await settle(storage, [postponed(first, T0 + 3_000)], T0 + 1), []);
      assert.deepEqual(await commitLane(storage, 'm1'), []);
      const { delivery } = await deliveryOf(storage, first);
      assert.deepEqual(
        [delivery.state, delivery.nextAttemptAt, delivery.attempts, delivery.endedAt],
        ['pending', T0 + 3_000, 1, null],
      );
      const again = only((await claim(storage, T0 + 3_000)).ready);
      assert.deepEqual(again, { ...first, attempts: 1 });
      const second = only(await settle(storage, [succeeded(again)], T0 + 3_001));
      assert.equal(second.id, (await deliveriesOf(storage, webhook))[1]?.id);
    });

    storageTest(
      'an attempt that says nothing about the receiver is recorded, and does not count in the schedule',
      async (storage) => {
        await createWebhook(storage);
        const first = await commitOne(storage);
        const cut = (delivery: ReadyDelivery) =>
          ({ ...postponed(delivery, T0 + 5), receiver: 'unknown' }) as const;
        await settle(storage, [cut(first)], T0 + 1);
        await settle(storage, [cut(first)], T0 + 1);
        const second = only((await claim(storage, T0 + 5)).ready);
        assert.deepEqual(second, { ...first, attempts: 1, attemptsBefore: 1 });
        await settle(storage, [postponed(second, T0 + 10)], T0 + 6);
        const third = only((await claim(storage, T0 + 10)).ready);
        assert.deepEqual(third, { ...first, attempts: 2, attemptsBefore: 1 });
        await settle(storage, [cut(third)], T0 + 11);
        const fourth = only((await claim(storage, T0 + 15)).ready);
        assert.deepEqual(fourth, { ...first, attempts: 3, attemptsBefore: 2 });
        assert.equal((await deliveryOf(storage, first)).attempts.length, 3);
      },
    );

    storageTest('an exhausted delivery does not block its lane', async (storage) => {
      await createWebhook(storage);
      const first = only(await commitLane(storage, 'm1', 2));
      const second = only(await settle(storage, [exhausted(first)], T0 + 1));
      assert.notEqual(second.id, first.id);
      const { delivery } = await deliveryOf(storage, first);
      assert.deepEqual([delivery.state, delivery.endedAt, delivery.nextAttemptAt], ['failed', T0 + 1, null]);
    });

    storageTest('an empty lane starts again with the next event', async (storage) => {
      await createWebhook(storage);
      const first = await commitOne(storage);
      assert.deepEqual(await settle(storage, [succeeded(first)], T0 + 1), []);
      assert.notEqual((await commitOne(storage)).id, first.id);
    });

    storageTest('one call settles many lanes, each with its own verdict', async (storage) => {
      const webhook = await createWebhook(storage);
      const [a, b, c] = await Promise.all(
        ['a', 'b', 'c'].map(async (m) => only(await commitLane(storage, m, 2))),
      );
      assert.ok(a && b && c);
      const promoted = await settle(storage, [succeeded(a), postponed(b, T0 + 9), exhausted(c)], T0 + 1);
      assert.deepEqual(promoted.map((delivery) => delivery.event.mediaId).toSorted(), ['a', 'c']);
      const states = Object.fromEntries(
        (await deliveriesOf(storage, webhook)).map(({ id, state }) => [id, state]),
      );
      assert.deepEqual(
        [a, b, c].map(({ id }) => states[id]),
        ['succeeded', 'pending', 'failed'],
      );
    });

    storageTest(
      'a promoted delivery is claimed for the caller, and has the current webhook',
      async (storage) => {
        const webhook = await createWebhook(storage);
        const first = only(await commitLane(storage, 'm1', 2));
        await storage.webhooks.update(
          USER,
          webhook.id,
          { url: 'https://moved.example/' },
          { at: T0, by: null },
        );
        const second = only(await settle(storage, [succeeded(first)], T0 + 1));
        assert.equal(second.webhook.url, 'https://moved.example/');
        assert.deepEqual((await claim(storage, T0 + 9)).ready, []);
        assert.equal((await deliveryOf(storage, second)).delivery.nextAttemptAt, T0 + 1);
      },
    );

    storageTest(
      'a delivery cancelled meanwhile stays cancelled, and its attempt is recorded',
      async (storage) => {
        const webhook = await createWebhook(storage);
        const verdicts = [succeeded, exhausted, (d: typeof first) => postponed(d, T0 + 9)] as const;
        const first = await commitOne(storage, 'm0');
        const rest = [await commitOne(storage, 'm1'), await commitOne(storage, 'm2')];
        await commitLane(storage, 'm0', 2);
        await storage.webhooks.delete(USER, webhook.id, { at: T0 + 1, by: null });
        const settlements = [first, ...rest].map((delivery, n) => (verdicts[n] ?? succeeded)(delivery));
        assert.deepEqual(await settle(storage, settlements, T0 + 2), []);
        for (const sent of [first, ...rest]) {
          const { delivery, attempts } = await deliveryOf(storage, sent);
          assert.deepEqual([delivery.state, delivery.endedAt, delivery.attempts], ['cancelled', T0 + 1, 1]);
          assert.equal(attempts.length, 1);
        }
        assert.equal(await storage.queue.nextDueAt(0), null);
      },
    );

    storageTest(
      'a webhook has the time when its last attempt began, whatever attempt ended last',
      async (storage) => {
        const [used, unused] = [await createWebhook(storage), newWebhook({ events: ['encoding.failed'] })];
        await storage.webhooks.create(unused, null, null);
        const [early, late] = [await commitOne(storage, 'a'), await commitOne(storage, 'b')];
        await storage.queue.settle([succeeded(late, T0 + 8), succeeded(early, T0 + 5)], T0 + 9, null);
        await storage.queue.settle([succeeded(await commitOne(storage, 'c'), T0 + 6)], T0 + 10, null);
        assert.equal((await storage.webhooks.find(USER, used.id))?.lastTriggeredAt, T0 + 8);
        assert.equal((await storage.webhooks.find(USER, unused.id))?.lastTriggeredAt, null);
      },
    );

    storageTest(
      'settlements that reject change nothing, and succeed when they are made again',
      async (storage) => {
        await createWebhook(storage);
        const [a, b] = [only(await commitLane(storage, 'a', 2)), await commitOne(storage, 'b')];
        const broken = { ...succeeded(b), verdict: { state: null as unknown as 'succeeded' } };
        await assert.rejects(storage.queue.settle([succeeded(a), broken], T0 + 1, null));
        assert.deepEqual((await deliveryOf(storage, a)).attempts, []);
        assert.equal((await deliveryOf(storage, a)).delivery.state, 'pending');
        assert.equal((await settle(storage, [succeeded(a), succeeded(b)], T0 + 2)).length, 1);
      },
    );

    storageTest('a repeated settlement counts once and answers the same', async (storage) => {
      await createWebhook(storage);
      const [a, b] = [only(await commitLane(storage, 'a', 2)), await commitOne(storage, 'b')];
      const settlements = [succeeded(a), postponed(b, T0 + 9)];
      const promoted = await settle(storage, settlements, T0 + 1);
      assert.deepEqual(await settle(storage, settlements, T0 + 2), promoted);
      assert.equal((await deliveryOf(storage, a)).delivery.endedAt, T0 + 1);
      assert.equal((await deliveryOf(storage, b)).attempts.length, 1);
      assert.equal((await deliveryOf(storage, b)).delivery.nextAttemptAt, T0 + 9);
    });
  });
}
