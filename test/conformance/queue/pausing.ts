import assert from 'node:assert/strict';
import { describe } from 'node:test';
import type { ReadyDelivery, Settlement } from '../../../src/domain/delivery.ts';
import type { Storage } from '../../../src/storage/contracts/storage.ts';
import { newWebhook, STRANGER, T0, USER } from '../../../src/storage/testing/records.ts';
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

const DAY_MS = 24 * 3_600_000;

function gone(delivery: ReadyDelivery, at: number): Settlement {
  const told = postponed(delivery, at, at);
  return { ...told, attempt: { ...told.attempt, status: 410, error: 'gone' }, receiver: 'gone' };
}

async function paused(storage: Storage, webhookId: string) {
  const { pausedAt, pauseReason, failingSince } =
    (await storage.webhooks.find(USER, webhookId)) ?? assert.fail('no such webhook');
  return { pausedAt, pauseReason, failingSince };
}

const SENDING = { pausedAt: null, pauseReason: null, failingSince: null };

export function testPausing(harness: StorageHarness): void {
  describe('a paused webhook', () => testQueueing(harness));
  describe('a webhook whose receiver fails', () => testFailing(harness));
}

function testQueueing(harness: StorageHarness): void {
  const storageTest = storageTests(harness);

  storageTest('can be paused and resumed repeatedly, by its own account only', async (storage) => {
    const webhook = await createWebhook(storage);
    const { webhooks } = storage;
    const now = { pausedAt: T0 + 1, pauseReason: 'owner', updatedAt: T0 + 1 } as const;
    assert.deepEqual(await webhooks.pause(USER, webhook.id, { at: T0 + 1, by: null }), {
      ...webhook,
      ...now,
    });
    assert.deepEqual(await webhooks.pause(USER, webhook.id, { at: T0 + 2, by: null }), {
      ...webhook,
      ...now,
    });
    assert.equal(await webhooks.resume(STRANGER, webhook.id, { at: T0 + 3, by: null }), null);
    assert.deepEqual(await webhooks.find(USER, webhook.id), { ...webhook, ...now });
    const resumed = { ...webhook, updatedAt: T0 + 4 };
    assert.deepEqual(await webhooks.resume(USER, webhook.id, { at: T0 + 4, by: null }), resumed);
    assert.deepEqual(await webhooks.resume(USER, webhook.id, { at: T0 + 5, by: null }), resumed);
    assert.equal(await webhooks.pause(STRANGER, webhook.id, { at: T0 + 6, by: null }), null);
    assert.equal(await webhooks.pause(USER, newWebhook().id, { at: T0 + 6, by: null }), null);
    assert.deepEqual(await webhooks.find(USER, webhook.id), resumed);
    await webhooks.delete(USER, webhook.id, { at: T0 + 7, by: null });
    assert.equal(await webhooks.pause(USER, webhook.id, { at: T0 + 8, by: null }), null);
  });

  storageTest('queues new deliveries in the order of lanes until it is resumed', async (storage) => {
    const { id } = await createWebhook(storage);
    await storage.webhooks.pause(USER, id, { at: T0, by: null });
    assert.deepEqual(await commitLane(storage, 'a', 2), []);
    assert.deepEqual(await commitLane(storage, 'b'), []);
    assert.deepEqual((await claim(storage, T0 + 9)).ready, []);
    await storage.webhooks.resume(USER, id, { at: T0 + 10, by: null });
    const { ready } = await claim(storage, T0 + 10);
    assert.deepEqual(
      ready.map(({ event }) => event.mediaId),
      ['a', 'b'],
    );
    const next = only(await settle(storage, [succeeded(ready[0] ?? assert.fail())], T0 + 11));
    assert.equal(next.event.mediaId, 'a');
  });

  storageTest('promotes nothing, but attempts in flight are recorded', async (storage) => {
    const { id } = await createWebhook(storage);
    const [a, b] = [only(await commitLane(storage, 'a', 2)), only(await commitLane(storage, 'b', 2))];
    await storage.webhooks.pause(USER, id, { at: T0, by: null });
    const settlements = [succeeded(a, T0 + 1), postponed(b, T0 + 2, T0 + 1)];
    for (let n = 0; n < 2; n += 1) assert.deepEqual(await settle(storage, settlements, T0 + 2), []);
    assert.equal((await deliveryOf(storage, a)).delivery.state, 'succeeded');
    assert.deepEqual((await claim(storage, T0 + 9)).ready, []);
    await storage.webhooks.resume(USER, id, { at: T0 + 10, by: null });
    const { ready } = await claim(storage, T0 + 10);
    assert.deepEqual(ready.map(({ event }) => event.mediaId).toSorted(), ['a', 'b']);
    assert.equal(ready.find(({ event }) => event.mediaId === 'b')?.id, b.id);
  });

  storageTest('does not change claims and due times of other webhooks', async (storage) => {
    const [one, two] = [await createWebhook(storage), await createWebhook(storage)];
    const ready = await commitLane(storage, 'a');
    const due = new Map([
      [one.id, T0 + 20],
      [two.id, T0 + 30],
    ]);
    await storage.queue.settle(
      ready.map((delivery) => postponed(delivery, due.get(delivery.webhook.id) ?? 0)),
      T0,
      null,
    );
    await storage.webhooks.pause(USER, one.id, { at: T0 + 1, by: null });
    assert.equal(await storage.queue.nextDueAt(0), T0 + 30);
    assert.equal(await storage.queue.nextDueAt(T0 + 30), null);
    assert.equal(only((await claim(storage, T0 + 99)).ready).webhook.id, two.id);
    assert.equal(await storage.queue.nextDueAt(0), null);
    await storage.webhooks.resume(USER, one.id, { at: T0 + 2, by: null });
    assert.equal(await storage.queue.nextDueAt(0), T0 + 20);
  });

  storageTest('keeps released and resent deliveries', async (storage) => {
    const { id } = await createWebhook(storage);
    const [held, failed] = [await commitOne(storage, 'a'), await commitOne(storage, 'b')];
    await storage.queue.settle([exhausted(failed)], T0, null);
    await storage.webhooks.pause(USER, id, { at: T0, by: null });
    await storage.queue.release([held.seq]);
    assert.equal(await storage.deliveries.resend(USER, failed.id, { at: T0 + 1, by: null }), 'queued');
    await storage.queue.releaseStaleClaims(null);
    assert.deepEqual((await claim(storage, T0 + 9)).ready, []);
    assert.equal((await deliveryOf(storage, failed)).delivery.state, 'pending');
    await storage.webhooks.resume(USER, id, { at: T0 + 10, by: null });
    assert.equal((await claim(storage, T0 + 10)).ready.length, 2);
  });
}

function testFailing(harness: StorageHarness): void {
  const storageTest = storageTests(harness);

  storageTest('shows since when it fails, and why, until a success', async (storage) => {
    const { id } = await createWebhook(storage);
    const first = await commitOne(storage, 'a');
    await storage.queue.settle([postponed(first, T0 + 9, T0 + 1)], T0 + 2, null);
    await storage.queue.settle([exhausted(await commitOne(storage, 'b'), T0 + 3)], T0 + 4, null);
    const failing = await storage.webhooks.find(USER, id);
    assert.deepEqual(
      [failing?.failingSince, failing?.lastError, failing?.lastTriggeredAt],
      [T0 + 1, 'the receiver answered 500', T0 + 3],
    );
    await storage.queue.settle([succeeded(await commitOne(storage, 'c'), T0 + 2)], T0 + 5, null);
    const works = await storage.webhooks.find(USER, id);
    assert.deepEqual([works?.failingSince, works?.lastError, works?.lastTriggeredAt], [null, null, T0 + 3]);
  });

  storageTest(
    'a success in a batch counts, and a request that the service interrupted does not',
    async (storage) => {
      const { id } = await createWebhook(storage);
      const [a, b, c] = [
        await commitOne(storage, 'a'),
        await commitOne(storage, 'b'),
        await commitOne(storage, 'c'),
      ];
      await storage.queue.settle([succeeded(a, T0 + 1), exhausted(b, T0 + 2)], T0 + 3, null);
      assert.deepEqual(await paused(storage, id), SENDING);
      await storage.queue.settle([{ ...postponed(c, T0 + 9, T0 + 4), receiver: 'unknown' }], T0 + 5, T0 + 5);
      assert.deepEqual(await paused(storage, id), SENDING);
      assert.equal((await storage.webhooks.find(USER, id))?.lastTriggeredAt, T0 + 4);
    },
  );

  storageTest(
    'is paused at once when its receiver is gone, and nothing of the batch is promoted',
    async (storage) => {
      const { id } = await createWebhook(storage);
      const [a, b] = [only(await commitLane(storage, 'a', 2)), only(await commitLane(storage, 'b', 2))];
      const settlements = [succeeded(a, T0 + 1), gone(b, T0 + 1)];
      const told = { promoted: [], paused: [{ webhookId: id, reason: 'gone' }] };
      assert.deepEqual(await storage.queue.settle(settlements, T0 + 2, null), told);
      assert.deepEqual(
        await storage.queue.settle(settlements, T0 + 3, null),
        told,
        'the first answer was lost',
      );
      assert.deepEqual(await paused(storage, id), {
        pausedAt: T0 + 2,
        pauseReason: 'gone',
        failingSince: T0 + 1,
      });
      assert.deepEqual((await claim(storage, T0 + 9)).ready, []);
      await storage.webhooks.resume(USER, id, { at: T0 + 10, by: null });
      assert.deepEqual(await paused(storage, id), SENDING);
      const again = (await claim(storage, T0 + 10)).ready;
      assert.deepEqual([again.length, again.some((delivery) => delivery.id === b.id)], [2, true]);
    },
  );

  storageTest('is paused by the first failure after it has failed for too long', async (storage) => {
    const { id } = await createWebhook(storage);
    const fail = async (mediaId: string, at: number, pauseFailingSince: number | null) => {
      const delivery = await commitOne(storage, mediaId);
      return (await storage.queue.settle([exhausted(delivery, at)], at, pauseFailingSince)).paused;
    };
    assert.deepEqual(await fail('a', T0, T0), [], 'the first failure only begins the period');
    assert.deepEqual(await fail('b', T0 + DAY_MS, T0 - 1), []);
    assert.deepEqual(await fail('c', T0 + DAY_MS, null), []);
    assert.deepEqual(await fail('d', T0 + 2 * DAY_MS, T0), [{ webhookId: id, reason: 'failing' }]);
    assert.deepEqual(await paused(storage, id), {
      pausedAt: T0 + 2 * DAY_MS,
      pauseReason: 'failing',
      failingSince: T0,
    });
    await storage.webhooks.resume(USER, id, { at: T0 + 3 * DAY_MS, by: null });
    assert.deepEqual(await fail('e', T0 + 3 * DAY_MS, T0 + 2 * DAY_MS), [], 'the period begins again');
  });

  storageTest('is listed as failing from its first failure to its next success', async (storage) => {
    const { id } = await createWebhook(storage);
    const failing = () => storage.queue.failingWebhooks(null);
    assert.deepEqual(await failing(), { ids: [], after: null });
    await storage.queue.settle([exhausted(await commitOne(storage, 'a'), T0)], T0, null);
    assert.deepEqual(await failing(), { ids: [id], after: null });
    await storage.queue.settle([succeeded(await commitOne(storage, 'b'), T0 + 1)], T0 + 2, null);
    assert.deepEqual(await failing(), { ids: [], after: null });
  });

  storageTest('keeps the reason of its owner, and the answer names it', async (storage) => {
    const { id } = await createWebhook(storage);
    const delivery = await commitOne(storage);
    await storage.webhooks.pause(USER, id, { at: T0 + 1, by: null });
    const { paused: told } = await storage.queue.settle([gone(delivery, T0 + 2)], T0 + 3, T0 + 3);
    assert.deepEqual(told, [{ webhookId: id, reason: 'owner' }]);
    assert.equal((await paused(storage, id)).pausedAt, T0 + 1);
  });

  storageTest('a deleted webhook is not paused', async (storage) => {
    const { id } = await createWebhook(storage);
    const delivery = await commitOne(storage);
    await storage.webhooks.delete(USER, id, { at: T0 + 1, by: null });
    const { paused: told } = await storage.queue.settle([gone(delivery, T0 + 2)], T0 + 3, null);
    assert.deepEqual(told, []);
  });
}
