import assert from 'node:assert/strict';
import { randomUUIDv7 } from 'node:crypto';
import { describe } from 'node:test';
import type { BulkResend } from '../../src/domain/bulk-resend.ts';
import type { BulkResendStep } from '../../src/storage/contracts/bulk-resends.ts';
import type { Storage } from '../../src/storage/contracts/storage.ts';
import { newWebhook, STRANGER, T0, USER } from '../../src/storage/testing/records.ts';
import { type StorageHarness, storageTests } from './support/harness.ts';
import {
  claim,
  commitLane,
  commitOne,
  createWebhook,
  deliveryOf,
  exhausted,
  only,
  settle,
  succeeded,
} from './support/settlements.ts';

/** Makes a bulk resend of a webhook's failures up to T0 + 100, unless `fields` say otherwise. */
function newBulkResend(webhookId: string, fields: Partial<BulkResend> = {}): BulkResend {
  return {
    id: randomUUIDv7(),
    webhookId,
    userId: USER,
    since: T0,
    until: T0 + 100,
    state: 'running',
    queued: 0,
    createdAt: T0 + 100,
    endedAt: null,
    ...fields,
  };
}

async function create(storage: Storage, bulkResend: BulkResend): Promise<BulkResend> {
  const created = await storage.bulkResends.create(bulkResend, null);
  assert.ok(created !== null && created !== 'too many');
  return created;
}

/** Takes one step, which has room for every delivery unless `fields` say otherwise. */
async function advance(
  storage: Storage,
  { id }: BulkResend,
  fields: Partial<BulkResendStep> = {},
  now = T0 + 200,
) {
  const step = { id, limit: 100, buffered: 0, maxInFlight: 1_000, ...fields };
  return only(await storage.bulkResends.advance([step], now));
}

/** Commits an event of a media. Its delivery fails at `at`. */
async function failed(storage: Storage, mediaId: string, at = T0 + 1) {
  const delivery = await commitOne(storage, mediaId);
  await storage.queue.settle([exhausted(delivery, at)], at, null);
  return delivery;
}

async function stateOf(storage: Storage, delivery: { id: string }) {
  return (await deliveryOf(storage, delivery)).delivery.state;
}

export function testBulkResends(harness: StorageHarness): void {
  describe('a bulk resend', () => {
    testRecords(harness);
    testSteps(harness);
    testRestraint(harness);
  });
}

function testRecords(harness: StorageHarness): void {
  const storageTest = storageTests(harness);

  storageTest('is found as it was created, newest first, by its own account', async (storage) => {
    const webhook = await createWebhook(storage);
    // Two ids of the same millisecond need not be in order.
    const [older = '', newer = ''] = [randomUUIDv7(), randomUUIDv7()].toSorted();
    const one = await create(storage, newBulkResend(webhook.id, { id: older }));
    const two = await create(storage, newBulkResend(webhook.id, { id: newer, since: T0 + 1 }));
    assert.deepEqual(await storage.bulkResends.list(USER, webhook.id), [two, one]);
    const first = await storage.bulkResends.running(null, 1);
    assert.deepEqual(first.items, [one]);
    assert.deepEqual(await storage.bulkResends.running(first.after, 2), { items: [two], after: null });
    assert.deepEqual(await storage.bulkResends.list(STRANGER, webhook.id), []);
    assert.equal(
      await storage.bulkResends.create(newBulkResend(webhook.id, { userId: STRANGER }), null),
      null,
    );
    assert.equal(await storage.bulkResends.create(newBulkResend(newWebhook().id), null), null);
  });

  storageTest(
    'is returned when it is requested again while it runs; at most ten run at a time',
    async (storage) => {
      const webhook = await createWebhook(storage);
      const first = await create(storage, newBulkResend(webhook.id));
      assert.deepEqual(await create(storage, newBulkResend(webhook.id)), first);
      assert.deepEqual(await create(storage, newBulkResend(webhook.id, { until: T0 + 99 })), first);
      for (let n = 1; n < 10; n += 1)
        await create(storage, newBulkResend(webhook.id, { until: T0 + 100 + n }));
      assert.equal(
        await storage.bulkResends.create(newBulkResend(webhook.id, { since: T0 + 1 }), null),
        'too many',
      );
      await advance(storage, first);
      assert.notEqual((await create(storage, newBulkResend(webhook.id, { since: T0 + 1 }))).id, first.id);
    },
  );

  storageTest('is cancelled when its webhook is deleted', async (storage) => {
    const webhook = await createWebhook(storage);
    const bulkResend = await create(storage, newBulkResend(webhook.id));
    const delivery = await failed(storage, 'a');
    await storage.webhooks.delete(USER, webhook.id, { at: T0 + 150, by: null });
    assert.deepEqual(await advance(storage, bulkResend), { id: bulkResend.id, queued: 0, isRunning: false });
    assert.deepEqual(await storage.bulkResends.running(null, 1), { items: [], after: null });
    const cancelled = { ...bulkResend, state: 'cancelled', endedAt: T0 + 150 };
    assert.deepEqual(await storage.bulkResends.list(USER, webhook.id), [cancelled]);
    assert.equal(await stateOf(storage, delivery), 'failed');
  });
}

function testSteps(harness: StorageHarness): void {
  const storageTest = storageTests(harness);

  storageTest('queues only deliveries that failed between its times', async (storage) => {
    const webhook = await createWebhook(storage);
    const bulkResend = await create(storage, newBulkResend(webhook.id, { since: T0 + 10, until: T0 + 20 }));
    const times = [T0 + 9, T0 + 10, T0 + 15, T0 + 20, T0 + 21];
    const deliveries = [];
    for (const at of times) deliveries.push(await failed(storage, `m${at}`, at));
    const works = await commitOne(storage, 'works');
    await storage.queue.settle([succeeded(works, T0 + 15)], T0 + 15, null);
    const other = await createWebhook(storage, { events: ['encoding.failed'] });
    assert.deepEqual(await advance(storage, bulkResend), { id: bulkResend.id, queued: 3, isRunning: false });
    const states = await Promise.all([...deliveries, works].map((delivery) => stateOf(storage, delivery)));
    assert.deepEqual(states, ['failed', 'pending', 'pending', 'pending', 'failed', 'succeeded']);
    const done = { ...bulkResend, state: 'done', queued: 3, endedAt: T0 + 200 };
    assert.deepEqual(await storage.bulkResends.list(USER, webhook.id), [done]);
    assert.deepEqual(await storage.bulkResends.list(USER, other.id), []);
    const { ready } = await claim(storage, T0 + 200);
    assert.deepEqual(
      ready.map(({ id, attempts, attemptsBefore }) => [id, attempts, attemptsBefore]),
      deliveries.slice(1, 4).map(({ id }) => [id, 1, 1]),
    );
  });

  storageTest(
    'continues at its cursor, so that a delivery that fails again is not queued twice',
    async (storage) => {
      const webhook = await createWebhook(storage);
      const bulkResend = await create(storage, newBulkResend(webhook.id, { until: T0 + 1_000 }));
      for (const media of ['a', 'b', 'c']) await failed(storage, media);
      const seen: string[] = [];
      for (let n = 0; n < 3; n += 1) {
        const at = T0 + 200 + n;
        assert.equal((await advance(storage, bulkResend, { limit: 1 }, at)).queued, 1);
        const again = only((await claim(storage, at)).ready);
        seen.push(again.event.mediaId);
        await storage.queue.settle([exhausted(again, at)], at, null);
      }
      assert.deepEqual(seen, ['a', 'b', 'c']);
      assert.deepEqual(await advance(storage, bulkResend), {
        id: bulkResend.id,
        queued: 0,
        isRunning: false,
      });
      assert.equal((await storage.bulkResends.list(USER, webhook.id))[0]?.queued, 3);
    },
  );

  storageTest('keeps the order of lanes, behind the deliveries in flight', async (storage) => {
    const webhook = await createWebhook(storage);
    const bulkResend = await create(storage, newBulkResend(webhook.id));
    const old = [await failed(storage, 'm'), await failed(storage, 'm')];
    const live = only(await commitLane(storage, 'm', 2));
    assert.equal((await advance(storage, bulkResend)).queued, 2);
    assert.deepEqual((await claim(storage, T0 + 300)).ready, []);
    const sent: string[] = [];
    for (let next = live; ; ) {
      const promoted = await settle(storage, [succeeded(next, T0 + 300)], T0 + 300);
      if (promoted.length === 0) break;
      next = only(promoted);
      sent.push(next.id);
    }
    assert.deepEqual(
      sent.slice(0, 2),
      old.map(({ id }) => id),
    );
    assert.equal(sent.length, 3);
  });

  storageTest('several take their steps in one call, each with its own limit', async (storage) => {
    const [one, two] = [await createWebhook(storage), await createWebhook(storage)];
    for (const media of ['a', 'b', 'c']) {
      const ready = await commitLane(storage, media);
      await storage.queue.settle(
        ready.map((delivery) => exhausted(delivery, T0 + 1)),
        T0 + 1,
        null,
      );
    }
    const bulkResends = [
      await create(storage, newBulkResend(one.id)),
      await create(storage, newBulkResend(two.id)),
    ];
    const steps = bulkResends.map(({ id }, n) => ({ id, limit: n + 1, buffered: 0, maxInFlight: 10 }));
    const progress = await storage.bulkResends.advance(steps, T0 + 200);
    assert.deepEqual(
      progress,
      bulkResends.map(({ id }, n) => ({ id, queued: n + 1, isRunning: true })),
    );
  });
}

function testRestraint(harness: StorageHarness): void {
  const storageTest = storageTests(harness);

  storageTest('queues no more deliveries than may be in flight', async (storage) => {
    const bounded = await createWebhook(storage, { maxInFlight: 2 });
    const bulkResend = await create(storage, newBulkResend(bounded.id));
    for (const media of ['a', 'b', 'c', 'd']) await failed(storage, media);
    const nothing = { id: bulkResend.id, queued: 0, isRunning: true };
    assert.deepEqual(await advance(storage, bulkResend, { buffered: 2 }), nothing);
    assert.deepEqual(await advance(storage, bulkResend, { limit: 0 }), nothing);
    assert.deepEqual(await advance(storage, bulkResend, { buffered: 1 }), { ...nothing, queued: 1 });
    await claim(storage, T0 + 200);
    await storage.webhooks.update(USER, bounded.id, { maxInFlight: null }, { at: T0, by: null });
    assert.deepEqual(await advance(storage, bulkResend, { maxInFlight: 2 }), { ...nothing, queued: 2 });
  });

  storageTest('waits while the webhook is paused, or a delivery of it is due', async (storage) => {
    const webhook = await createWebhook(storage);
    const bulkResend = await create(storage, newBulkResend(webhook.id));
    await failed(storage, 'a');
    const nothing = { id: bulkResend.id, queued: 0, isRunning: true };
    await storage.webhooks.pause(USER, webhook.id, { at: T0 + 150, by: null });
    assert.deepEqual(await advance(storage, bulkResend), nothing);
    await commitLane(storage, 'live');
    await storage.webhooks.resume(USER, webhook.id, { at: T0 + 160, by: null });
    assert.deepEqual(await advance(storage, bulkResend), nothing);
    only((await claim(storage, T0 + 200)).ready);
    assert.deepEqual(await advance(storage, bulkResend), { ...nothing, queued: 1, isRunning: false });
  });
}
