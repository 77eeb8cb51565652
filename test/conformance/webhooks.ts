import assert from 'node:assert/strict';
import { describe } from 'node:test';
import type { DeliveryState } from '../../src/domain/delivery.ts';
import type { EventType } from '../../src/domain/event.ts';
import type { WebhookListRequest, WebhookStore } from '../../src/storage/contracts/webhooks.ts';
import {
  ALL_WEBHOOKS,
  newWebhook,
  publication,
  publications,
  STRANGER,
  T0,
  USER,
} from '../../src/storage/testing/records.ts';
import { type StorageHarness, storageTests } from './support/harness.ts';
import { claim, only, postponed, succeeded } from './support/settlements.ts';

/** More pending deliveries than the deletion of a webhook cancels at once. */
const MANY = 450;

const DELIVERIES = { limit: 10, before: null, state: null, event: null, mediaId: null };

async function createNamed(webhooks: WebhookStore, named: Record<string, readonly EventType[]>) {
  const all = Object.entries(named);
  for (const [n, [name, events]] of all.entries()) {
    await webhooks.create(newWebhook({ name, events, createdAt: T0 + n }), null, null);
  }
}

async function names(webhooks: WebhookStore, request: Partial<WebhookListRequest>) {
  const { items, total } = await webhooks.list(USER, { ...ALL_WEBHOOKS, ...request });
  return { names: items.map((webhook) => webhook.name), total };
}

export function testWebhooks(harness: StorageHarness): void {
  const storageTest = storageTests(harness);

  describe('webhooks', () => {
    storageTest('are found as they were created', async ({ webhooks }) => {
      const webhook = newWebhook({ name: 'Grüße', events: ['file.received', 'encoding.failed'] });
      await webhooks.create(webhook, null, null);
      assert.deepEqual(await webhooks.find(USER, webhook.id), webhook);
      assert.equal(await webhooks.find(USER, newWebhook().id), null);
      await assert.rejects(webhooks.create(webhook, null, null));
      assert.deepEqual(await webhooks.list(USER, ALL_WEBHOOKS), { items: [webhook], total: 1 });
    });

    storageTest('are listed by time or name, in both orders, page by page', async ({ webhooks }) => {
      await createNamed(webhooks, { b: ['file.received'], c: ['file.received'], a: ['file.received'] });
      assert.deepEqual(await names(webhooks, {}), { names: ['b', 'c', 'a'], total: 3 });
      assert.deepEqual((await names(webhooks, { orderBy: 'desc' })).names, ['a', 'c', 'b']);
      assert.deepEqual((await names(webhooks, { sortBy: 'name' })).names, ['a', 'b', 'c']);
      assert.deepEqual((await names(webhooks, { sortBy: 'name', orderBy: 'desc' })).names, ['c', 'b', 'a']);
      assert.deepEqual(await names(webhooks, { offset: 1, limit: 1 }), { names: ['c'], total: 3 });
    });

    storageTest('are searched by a part of the name, without wildcards', async ({ webhooks }) => {
      await createNamed(webhooks, {
        '50%': ['file.received'],
        '50_': ['file.received'],
        ÄRGER: ['file.received'],
      });
      assert.deepEqual(await names(webhooks, { search: '%' }), { names: ['50%'], total: 1 });
      assert.deepEqual(await names(webhooks, { search: '0_' }), { names: ['50_'], total: 1 });
      assert.deepEqual(await names(webhooks, { search: 'ÄRg' }), { names: ['ÄRGER'], total: 1 });
    });

    storageTest('are filtered by the events that they subscribe to, or do not', async ({ webhooks }) => {
      await createNamed(webhooks, {
        received: ['file.received'],
        both: ['file.received', 'encoding.finished'],
        finished: ['encoding.finished', 'partial.finished'],
      });
      const filtered = async (events: WebhookListRequest['events']) =>
        (await names(webhooks, { events })).names;
      assert.deepEqual(await filtered({ 'file.received': true }), ['received', 'both']);
      assert.deepEqual(await filtered({ 'file.received': true, 'encoding.finished': false }), ['received']);
      assert.deepEqual(await filtered({ 'encoding.started': true }), []);
      assert.deepEqual(await filtered({ 'partial.finished': false, 'encoding.failed': false }), [
        'received',
        'both',
      ]);
      assert.equal((await names(webhooks, { events: { 'encoding.finished': true }, limit: 1 })).total, 2);
    });

    storageTest('an update changes only the given fields', async ({ webhooks }) => {
      const webhook = newWebhook();
      await webhooks.create(webhook, null, null);
      const renamed = { ...webhook, name: 'renamed', updatedAt: T0 + 1 };
      assert.deepEqual(
        await webhooks.update(USER, webhook.id, { name: 'renamed' }, { at: T0 + 1, by: null }),
        renamed,
      );
      const changes = { url: 'https://other.example/', events: ['encoding.failed'] as const };
      const changed = { ...renamed, ...changes, updatedAt: T0 + 2 };
      assert.deepEqual(await webhooks.update(USER, webhook.id, changes, { at: T0 + 2, by: null }), changed);
      assert.deepEqual(await webhooks.find(USER, webhook.id), changed);
    });

    storageTest('keep their retry schedule and their limit, which can be changed', async ({ webhooks }) => {
      const webhook = newWebhook({ retrySchedule: [5_000, 500], maxInFlight: 3 });
      await webhooks.create(webhook, null, null);
      assert.deepEqual(await webhooks.find(USER, webhook.id), webhook);
      for (const retrySchedule of ['exponential', [], 'default'] as const) {
        const changed = { ...webhook, retrySchedule, updatedAt: T0 + 1 };
        assert.deepEqual(
          await webhooks.update(USER, webhook.id, { retrySchedule }, { at: T0 + 1, by: null }),
          changed,
        );
      }
      const unlimited = await webhooks.update(
        USER,
        webhook.id,
        { maxInFlight: null },
        { at: T0 + 2, by: null },
      );
      assert.deepEqual([unlimited?.retrySchedule, unlimited?.maxInFlight], ['default', null]);
    });

    storageTest('are seen, changed and deleted by their own account only', async ({ webhooks }) => {
      const webhook = newWebhook();
      await webhooks.create(webhook, null, null);
      assert.equal(await webhooks.find(STRANGER, webhook.id), null);
      assert.deepEqual(await webhooks.list(STRANGER, ALL_WEBHOOKS), { items: [], total: 0 });
      assert.equal(
        await webhooks.update(STRANGER, webhook.id, { name: 'stolen' }, { at: T0 + 1, by: null }),
        null,
      );
      assert.equal(await webhooks.delete(STRANGER, webhook.id, { at: T0 + 1, by: null }), null);
      assert.deepEqual(await webhooks.find(USER, webhook.id), webhook);
    });

    storageTest(
      'the many pending deliveries of a deleted webhook are cancelled in steps, and none is sent meanwhile',
      async (storage) => {
        const [webhook, other] = [newWebhook(), newWebhook({ events: ['file.received'] })];
        for (const one of [webhook, other]) await storage.webhooks.create(one, null, null);
        const { ready } = await storage.events.commit(publications(MANY, { type: 'encoding.started' }), T0);
        const [first, second] = ready;
        assert.ok(first && second && ready.length === MANY);
        const one = publication('file.received', { mediaId: 'kept' });
        const kept = only((await storage.events.commit([one], T0)).ready.slice(1));
        const removed = await storage.webhooks.delete(USER, webhook.id, { at: T0 + 1, by: null });
        assert.ok(removed && removed.cancelled < MANY);

        const stateIs = async (state: DeliveryState | null) => {
          const page = { ...DELIVERIES, limit: 2 * MANY, state };
          return (await storage.deliveries.list(USER, webhook.id, page)).items;
        };
        const shown = await stateIs(null);
        assert.deepEqual(
          new Set(shown.map(({ state, endedAt, nextAttemptAt }) => `${state} ${endedAt} ${nextAttemptAt}`)),
          new Set([`cancelled ${T0 + 1} null`]),
        );
        assert.deepEqual(await stateIs('cancelled'), shown);
        assert.deepEqual(await stateIs('pending'), []);
        await storage.queue.release(ready.map(({ seq }) => seq));
        assert.deepEqual((await claim(storage, T0 + 9)).ready, []);
        assert.equal(await storage.queue.nextDueAt(0), null);
        await storage.queue.settle([postponed(first, T0 + 5), postponed(second, T0 + 5)], T0 + 2, null);
        assert.equal(await storage.deliveries.resend(USER, first.id, { at: T0 + 3, by: null }), 'gone');

        let cancelled = removed.cancelled;
        for (let isDone = false; !isDone; ) {
          const step = await storage.webhooks.cancelDeliveries(70);
          assert.ok(step.cancelled <= 70);
          cancelled += step.cancelled;
          ({ isDone } = step);
        }
        assert.equal(cancelled, shown.length);
        assert.deepEqual(await storage.webhooks.cancelDeliveries(70), { cancelled: 0, isDone: true });
        assert.deepEqual(
          (await stateIs('cancelled')).map(({ id }) => id),
          shown.map(({ id }) => id),
        );
        assert.deepEqual(await storage.queue.settle([succeeded(kept)], T0 + 4, null), {
          promoted: [],
          paused: [],
        });
      },
    );

    storageTest('a deleted webhook is not found, and gets no delivery', async ({ webhooks, events }) => {
      const webhook = newWebhook();
      await webhooks.create(webhook, null, null);
      assert.deepEqual(await webhooks.delete(USER, webhook.id, { at: T0 + 1, by: null }), { cancelled: 0 });
      assert.equal(await webhooks.find(USER, webhook.id), null);
      assert.deepEqual(await webhooks.list(USER, ALL_WEBHOOKS), { items: [], total: 0 });
      assert.equal(await webhooks.update(USER, webhook.id, { name: 'back' }, { at: T0 + 2, by: null }), null);
      assert.equal(await webhooks.delete(USER, webhook.id, { at: T0 + 2, by: null }), null);
      assert.equal(await webhooks.existedEver(USER, webhook.id), true);
      assert.equal(await webhooks.existedEver(STRANGER, webhook.id), false);
      assert.equal(await webhooks.existedEver(USER, newWebhook().id), false);
      const { outcomes, ready } = await events.commit([publication('file.received')], T0 + 2);
      assert.deepEqual({ outcomes, ready }, { outcomes: ['committed'], ready: [] });
    });

    storageTest(
      'deleting a webhook cancels its own pending deliveries, both ready and waiting',
      async (storage) => {
        const { webhooks, events, deliveries, queue } = storage;
        const [removed, kept] = [newWebhook(), newWebhook()];
        await webhooks.create(removed, null, null);
        await webhooks.create(kept, null, null);
        const lane = [publication('file.received'), publication('encoding.started')];
        const { ready } = await events.commit([...lane, ...publications(1, { mediaId: 'media-2' })], T0);
        await webhooks.delete(USER, removed.id, { at: T0 + 1, by: null });
        const { items } = await deliveries.list(USER, removed.id, DELIVERIES);
        assert.equal(items.length, 3);
        for (const { state, endedAt, nextAttemptAt } of items) {
          assert.deepEqual(
            { state, endedAt, nextAttemptAt },
            { state: 'cancelled', endedAt: T0 + 1, nextAttemptAt: null },
          );
        }
        const untouched = await deliveries.list(USER, kept.id, { ...DELIVERIES, state: 'pending' });
        assert.equal(untouched.items.length, 3);
        await queue.release(ready.map(({ seq }) => seq));
        const claim = { now: T0 + 9, limit: 10, perWebhook: 10, buffered: [], after: null };
        const claimed = (await queue.claim(claim)).ready.map((delivery) => delivery.webhook.id);
        assert.deepEqual(claimed, [kept.id, kept.id]);
      },
    );

    storageTest('deliveries that ended before the deletion keep their states', async (storage) => {
      const { webhooks, events, deliveries, queue } = storage;
      const webhook = newWebhook();
      await webhooks.create(webhook, null, null);
      const { ready } = await events.commit([publication('file.received')], T0);
      await queue.settle(
        ready.map((delivery) => succeeded(delivery)),
        T0 + 1,
        null,
      );
      await webhooks.delete(USER, webhook.id, { at: T0 + 2, by: null });
      const { items } = await deliveries.list(USER, webhook.id, DELIVERIES);
      assert.deepEqual([items[0]?.state, items[0]?.endedAt], ['succeeded', T0 + 1]);
    });
  });
}
