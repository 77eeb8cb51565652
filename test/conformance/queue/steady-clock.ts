import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { publications, T0, USER } from '../../../src/storage/testing/records.ts';
import { type StorageHarness, storageTests } from '../support/harness.ts';
import {
  claim,
  commitOne,
  createWebhook,
  deliveriesOf,
  deliveryOf,
  exhausted,
  only,
  succeeded,
} from '../support/settlements.ts';

const HOUR_MS = 3_600_000;
/** Time of the steady clock. The wall clock was set back an hour. */
const STEADY = T0 + HOUR_MS;

export function testSteadyClock(harness: StorageHarness): void {
  const storageTest = storageTests(harness);

  describe('the steady clock', () => {
    storageTest('deliveries are due by it, and records have the time of the wall clock', async (storage) => {
      const webhook = await createWebhook(storage);
      const committed = await storage.events.commit(publications(2, { mediaId: 'm1' }), T0, STEADY);
      const first = only(committed.ready);
      assert.deepEqual(
        (await deliveriesOf(storage, webhook)).map(({ createdAt, nextAttemptAt }) => [
          createdAt,
          nextAttemptAt,
        ]),
        [
          [T0, STEADY],
          [T0, null],
        ],
      );
      const { promoted } = await storage.queue.settle([exhausted(first, T0 + 1)], T0 + 2, null, STEADY + 2);
      const second = only(promoted);
      assert.equal((await deliveryOf(storage, first)).delivery.endedAt, T0 + 2);
      assert.equal((await deliveryOf(storage, second)).delivery.nextAttemptAt, STEADY + 2);
      assert.equal((await storage.webhooks.find(USER, webhook.id))?.failingSince, STEADY + 1);
      await storage.queue.settle([succeeded(second, T0 + 3)], T0 + 4, null, STEADY + 4);
    });

    storageTest('a failing webhook is paused by it, at a time of the wall clock', async (storage) => {
      const { id } = await createWebhook(storage);
      const fail = async (mediaId: string, at: number) => {
        const settlements = [exhausted(await commitOne(storage, mediaId), at)];
        return (await storage.queue.settle(settlements, at, STEADY - 10, STEADY + at - T0)).paused;
      };
      assert.deepEqual(await fail('a', T0), []);
      assert.deepEqual(await fail('b', T0 + 1), [], 'it has failed since a later time of the steady clock');
      const { paused } = await storage.queue.settle(
        [exhausted(await commitOne(storage, 'c'), T0 + 2)],
        T0 + 2,
        STEADY,
        STEADY + 2,
      );
      assert.deepEqual(paused, [{ webhookId: id, reason: 'failing' }]);
      assert.equal((await storage.webhooks.find(USER, id))?.pausedAt, T0 + 2);
    });

    storageTest('a resent delivery is due by it', async (storage) => {
      await createWebhook(storage);
      const delivery = await commitOne(storage);
      await storage.queue.settle([succeeded(delivery)], T0, null, STEADY);
      await storage.deliveries.resend(USER, delivery.id, { at: T0 + 1, by: null }, STEADY + 1);
      assert.deepEqual((await claim(storage, STEADY)).ready, []);
      assert.equal((await claim(storage, STEADY + 1)).ready.length, 1);
    });

    storageTest('commits save its state at most once a second, and at once after a jump', async (storage) => {
      assert.equal(await storage.queue.savedClock(), null);
      await createWebhook(storage);
      const commit = (now: number, steadyNow: number) =>
        storage.events.commit(publications(1), now, steadyNow);
      await commit(T0, STEADY);
      assert.deepEqual(await storage.queue.savedClock(), { at: STEADY, aheadMs: HOUR_MS });
      await commit(T0 + 999, STEADY + 999);
      assert.deepEqual(await storage.queue.savedClock(), { at: STEADY, aheadMs: HOUR_MS });
      await storage.queue.settle([], T0 + 1_000, null, STEADY + 1_000);
      assert.deepEqual(await storage.queue.savedClock(), { at: STEADY + 1_000, aheadMs: HOUR_MS });
      await commit(STEADY + 1_001, STEADY + 1_001);
      assert.deepEqual(await storage.queue.savedClock(), { at: STEADY + 1_001, aheadMs: 0 });
      await storage.queue.saveClock({ at: STEADY + 1_002, aheadMs: 7 });
      assert.deepEqual(await storage.queue.savedClock(), { at: STEADY + 1_002, aheadMs: 7 });
    });

    storageTest(
      'the last attempt of a webhook is shown after the wall clock was set back',
      async (storage) => {
        const { id } = await createWebhook(storage);
        const [a, b, c] = [
          await commitOne(storage, 'a'),
          await commitOne(storage, 'b'),
          await commitOne(storage, 'c'),
        ];
        const last = async () => (await storage.webhooks.find(USER, id))?.lastTriggeredAt;
        await storage.queue.settle([succeeded(a, T0 + HOUR_MS)], T0 + HOUR_MS, null);
        await storage.queue.settle([succeeded(b, T0 + 1)], T0 + 2, null, STEADY + 2);
        assert.equal(await last(), T0 + 1);
        await storage.queue.settle([exhausted(c, T0)], T0 + 3, null, STEADY + 3);
        assert.equal(await last(), T0 + 1, 'the later one of two');
      },
    );
  });
}
