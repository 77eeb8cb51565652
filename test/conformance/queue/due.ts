import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { NO_DUE } from '../../../src/domain/due.ts';
import type { DueRequest } from '../../../src/storage/contracts/queue.ts';
import type { Storage } from '../../../src/storage/contracts/storage.ts';
import { publication, T0, USER } from '../../../src/storage/testing/records.ts';
import { type StorageHarness, storageTests } from '../support/harness.ts';
import { claim, commitOne, createWebhook, postponed, succeeded } from '../support/settlements.ts';

const NOTHING = { sendable: NO_DUE, paused: NO_DUE, throttled: NO_DUE, after: null };

function due(storage: Storage, now: number, fields: Partial<DueRequest> = {}) {
  const limits = { sendable: 10, paused: 10, throttled: 10 };
  return storage.queue.due({ now, limits, throttled: [], after: null, ...fields });
}

export function testDue(harness: StorageHarness): void {
  const storageTest = storageTests(harness);

  describe('due deliveries', () => {
    storageTest('are counted up to a limit, with the time of the oldest', async (storage) => {
      assert.deepEqual(await due(storage, T0), NOTHING);
      await createWebhook(storage);
      const all = await Promise.all(['a', 'b', 'c', 'd'].map((media) => commitOne(storage, media)));
      const [a, b, c, d] = all;
      assert.ok(a && b && c && d);
      assert.deepEqual(await due(storage, T0), NOTHING, 'claimed');
      const retries = [postponed(a, T0 + 50), postponed(b, T0 + 20), postponed(c, T0 + 90)];
      await storage.queue.settle([...retries, succeeded(d)], T0, null);
      assert.deepEqual(await due(storage, T0 + 19), NOTHING);
      const two = { ...NOTHING, sendable: { count: 2, oldestAt: T0 + 20 } };
      assert.deepEqual(await due(storage, T0 + 50), two);
      const limits = { sendable: 2, paused: 0, throttled: 0 };
      assert.deepEqual(await due(storage, T0 + 90, { limits }), two);
      const none = { ...NOTHING, sendable: { count: 0, oldestAt: T0 + 20 } };
      assert.deepEqual(await due(storage, T0 + 90, { limits: { ...limits, sendable: 0 } }), none);
      await claim(storage, T0 + 20);
      const later = { ...NOTHING, sendable: { count: 2, oldestAt: T0 + 50 } };
      assert.deepEqual(await due(storage, T0 + 90), later);
    });

    storageTest('of paused and of throttled webhooks are counted apart', async (storage) => {
      const [one, two, three] = [
        await createWebhook(storage),
        await createWebhook(storage),
        await createWebhook(storage),
      ];
      // Each webhook gets three deliveries, the first of which is due first.
      const media = ['a', 'b', 'c'].map((mediaId) => publication('file.received', { mediaId }));
      const { ready } = await storage.events.commit(media, T0);
      const dueAt = new Map([
        [one.id, T0 + 1],
        [two.id, T0 + 2],
        [three.id, T0 + 3],
      ]);
      const retries = ready.map((delivery) => postponed(delivery, dueAt.get(delivery.webhook.id) ?? 0));
      await storage.queue.settle(retries, T0, null);
      await storage.webhooks.pause(USER, one.id, { at: T0, by: null });
      const throttled = [two.id, 'no-such-webhook'];
      const expected = {
        sendable: { count: 3, oldestAt: T0 + 3 },
        paused: { count: 3, oldestAt: T0 + 1 },
        throttled: { count: 3, oldestAt: T0 + 2 },
        after: null,
      };
      assert.deepEqual(await due(storage, T0 + 9, { throttled }), expected);
      const both = { ...expected, sendable: NO_DUE, throttled: { count: 6, oldestAt: T0 + 2 } };
      assert.deepEqual(await due(storage, T0 + 9, { throttled: [one.id, two.id, three.id] }), both);

      await storage.webhooks.resume(USER, one.id, { at: T0 + 9, by: null });
      const resumed = { count: 6, oldestAt: T0 + 1 };
      assert.deepEqual(await due(storage, T0 + 9, { throttled }), {
        ...expected,
        sendable: resumed,
        paused: NO_DUE,
      });
    });
  });
}
