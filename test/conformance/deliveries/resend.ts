import assert from 'node:assert/strict';
import { describe } from 'node:test';
import type { ReadyDelivery, Settlement } from '../../../src/domain/delivery.ts';
import type { Storage } from '../../../src/storage/contracts/storage.ts';
import { ALL_DELIVERIES, STRANGER, T0, USER } from '../../../src/storage/testing/records.ts';
import { type StorageHarness, storageTests } from '../support/harness.ts';
import {
  claim,
  commitLane,
  commitOne,
  createWebhook,
  deliveryOf,
  exhausted,
  only,
  postponed,
  settle,
  succeeded,
} from '../support/settlements.ts';

async function ended(storage: Storage, mediaId: string, verdict: (delivery: ReadyDelivery) => Settlement) {
  const delivery = await commitOne(storage, mediaId);
  await storage.queue.settle([verdict(delivery)], T0 + 1, null);
  return delivery;
}

async function stateOf(storage: Storage, delivery: { id: string }) {
  const { state, nextAttemptAt, endedAt } = (await deliveryOf(storage, delivery)).delivery;
  return { state, nextAttemptAt, endedAt };
}

export function testResend(harness: StorageHarness): void {
  const storageTest = storageTests(harness);
  const resend = (storage: Storage, { id }: { id: string }, now = T0 + 10) =>
    storage.deliveries.resend(USER, id, { at: now, by: null });

  describe('a resend', () => {
    for (const [name, verdict] of [
      ['succeeded', succeeded],
      ['failed', exhausted],
    ] as const) {
      storageTest(
        `a delivery that ${name} is due at once, with a whole new schedule and the same event`,
        async (storage) => {
          await createWebhook(storage);
          const delivery = await ended(storage, 'm1', verdict);
          assert.equal(await resend(storage, delivery), 'queued');
          assert.deepEqual(await stateOf(storage, delivery), {
            state: 'pending',
            nextAttemptAt: T0 + 10,
            endedAt: null,
          });
          assert.equal(await storage.queue.nextDueAt(0), T0 + 10);
          const again = only((await claim(storage, T0 + 10)).ready);
          assert.deepEqual(again, { ...delivery, attempts: 1, attemptsBefore: 1 });
          await storage.queue.settle([succeeded(again, T0 + 11)], T0 + 12, null);
          const { attempts, delivery: end } = await deliveryOf(storage, delivery);
          assert.deepEqual(
            attempts.map(({ number }) => number),
            [1, 2],
          );
          assert.deepEqual([end.state, end.attempts, end.endedAt], ['succeeded', 2, T0 + 12]);
        },
      );
    }

    storageTest('a deleted webhook gets no delivery', async (storage) => {
      const webhook = await createWebhook(storage);
      const [failed, cancelled] = [await ended(storage, 'm1', exhausted), await commitOne(storage, 'm2')];
      await storage.webhooks.delete(USER, webhook.id, { at: T0 + 2, by: null });
      assert.equal(await resend(storage, failed), 'gone');
      assert.equal(await resend(storage, cancelled), 'gone');
      assert.equal((await stateOf(storage, failed)).state, 'failed');
      assert.equal((await stateOf(storage, cancelled)).state, 'cancelled');
      assert.equal(await storage.queue.nextDueAt(0), null);
    });

    storageTest('a delivery that waits for a retry is due now, and keeps its schedule', async (storage) => {
      await createWebhook(storage);
      const delivery = await commitOne(storage);
      await storage.queue.settle([postponed(delivery, T0 + 60_000)], T0 + 1, null);
      assert.equal(await resend(storage, delivery), 'queued');
      assert.equal((await stateOf(storage, delivery)).nextAttemptAt, T0 + 10);
      const again = only((await claim(storage, T0 + 10)).ready);
      assert.deepEqual([again.attempts, again.attemptsBefore], [1, 0]);
    });

    storageTest('a delivery in flight is not sent twice', async (storage) => {
      await createWebhook(storage);
      const delivery = await commitOne(storage);
      assert.equal(await resend(storage, delivery), 'queued');
      assert.equal(await storage.queue.nextDueAt(0), null);
      assert.deepEqual((await claim(storage, T0 + 99)).ready, []);
      assert.equal((await stateOf(storage, delivery)).nextAttemptAt, T0);
    });

    storageTest('a delivery that waits in its lane still waits', async (storage) => {
      const webhook = await createWebhook(storage);
      const first = only(await commitLane(storage, 'm1', 2));
      const request = { ...ALL_DELIVERIES, limit: 1 };
      const second = only((await storage.deliveries.list(USER, webhook.id, request)).items);
      assert.equal(await resend(storage, second), 'queued');
      assert.deepEqual((await claim(storage, T0 + 99)).ready, []);
      assert.equal(only(await settle(storage, [succeeded(first)], T0 + 99)).id, second.id);
    });

    storageTest('a delivery in a busy lane waits, and is sent before newer ones', async (storage) => {
      await createWebhook(storage);
      const old = await ended(storage, 'm1', exhausted);
      const current = only(await commitLane(storage, 'm1', 2));
      assert.equal(await resend(storage, old), 'queued');
      assert.deepEqual(await stateOf(storage, old), { state: 'pending', nextAttemptAt: null, endedAt: null });
      const next = only(await settle(storage, [succeeded(current)], T0 + 20));
      assert.deepEqual([next.id, next.attemptsBefore], [old.id, 1]);
      const last = only(await settle(storage, [succeeded(next)], T0 + 21));
      assert.deepEqual(await settle(storage, [succeeded(last)], T0 + 22), []);
    });

    storageTest('newer events wait for the resent delivery', async (storage) => {
      await createWebhook(storage);
      const old = await ended(storage, 'm1', exhausted);
      await resend(storage, old);
      assert.deepEqual(await commitLane(storage, 'm1'), []);
      const again = only((await claim(storage, T0 + 10)).ready);
      assert.equal(again.id, old.id);
      assert.notEqual(only(await settle(storage, [exhausted(again)], T0 + 20)).id, old.id);
    });

    storageTest('concurrent resends of one delivery send it once', async (storage) => {
      await createWebhook(storage);
      const [one, two] = [await ended(storage, 'm1', exhausted), await ended(storage, 'm1', exhausted)];
      await Promise.all([one, two, one, two].map((delivery) => resend(storage, delivery)));
      const first = only((await claim(storage, T0 + 10)).ready);
      const second = only(await settle(storage, [succeeded(first)], T0 + 11));
      assert.deepEqual(new Set([first.id, second.id]), new Set([one.id, two.id]));
      assert.deepEqual(await settle(storage, [succeeded(second)], T0 + 12), []);
    });

    storageTest('another account has no such delivery', async (storage) => {
      await createWebhook(storage);
      const delivery = await ended(storage, 'm1', exhausted);
      assert.equal(await storage.deliveries.resend(STRANGER, delivery.id, { at: T0 + 10, by: null }), null);
      assert.equal(
        await storage.deliveries.resend(USER, 'no such delivery', { at: T0 + 10, by: null }),
        null,
      );
      assert.equal((await stateOf(storage, delivery)).state, 'failed');
    });
  });
}
