import assert from 'node:assert/strict';
import { describe } from 'node:test';
import type { DeliveryListRequest } from '../../../src/storage/contracts/deliveries.ts';
import type { Cursor } from '../../../src/storage/contracts/page.ts';
import type { Storage } from '../../../src/storage/contracts/storage.ts';
import {
  ALL_DELIVERIES,
  publication,
  publications,
  STRANGER,
  T0,
  USER,
} from '../../../src/storage/testing/records.ts';
import { type StorageHarness, storageTests } from '../support/harness.ts';
import {
  claim,
  commitOne,
  createWebhook,
  deliveryOf,
  exhausted,
  only,
  postponed,
  succeeded,
} from '../support/settlements.ts';

/** Lists deliveries. Returns their media, which identify them here, and the cursor of the next page. */
async function listed(storage: Storage, webhookId: string, request: Partial<DeliveryListRequest>) {
  const { items, next } = await storage.deliveries.list(USER, webhookId, { ...ALL_DELIVERIES, ...request });
  return { media: items.map((delivery) => delivery.mediaId), next };
}

export function testDeliveries(harness: StorageHarness): void {
  const storageTest = storageTests(harness);

  describe('deliveries', () => {
    storageTest(
      'are found with their newest attempts, and those before them page by page',
      async (storage) => {
        await createWebhook(storage);
        const delivery = await commitOne(storage);
        const made = 450;
        const attempts = Array.from({ length: made }, (_, n) =>
          postponed({ ...delivery, attempts: n }, T0 + n),
        );
        await storage.queue.settle(attempts, T0, null);
        const pages: number[][] = [];
        let before: Cursor | undefined;
        do {
          const page = await storage.deliveries.find(USER, delivery.id, before);
          assert.equal(page?.delivery.attempts, made);
          pages.unshift(page.attempts.map(({ number }) => number));
          before = page.earlier ?? undefined;
        } while (before !== undefined);
        assert.deepEqual(
          pages.map(({ length }) => length),
          [50, 200, 200],
        );
        assert.deepEqual(
          pages.flat(),
          Array.from({ length: made }, (_, n) => n + 1),
        );
      },
    );

    storageTest('with as many attempts as one answer has have no cursor', async (storage) => {
      await createWebhook(storage);
      const delivery = await commitOne(storage);
      const attempts = Array.from({ length: 200 }, (_, n) => postponed({ ...delivery, attempts: n }, T0 + n));
      await storage.queue.settle(attempts, T0, null);
      const found = await deliveryOf(storage, delivery);
      assert.deepEqual([found.attempts.length, found.earlier], [200, null]);
    });

    storageTest('are listed newest first, page by page, without gaps or repeats', async (storage) => {
      const webhook = await createWebhook(storage);
      await storage.events.commit(publications(7), T0);
      const pages: string[][] = [];
      let before: Cursor | null = null;
      do {
        const page = await listed(storage, webhook.id, { limit: 3, before });
        pages.push(page.media);
        before = page.next;
        // A delivery that is added meanwhile is newer than every following page.
        await storage.events.commit(publications(1, { mediaId: 'newer' }), T0 + 1);
      } while (before !== null);
      assert.deepEqual(pages, [
        ['media-6', 'media-5', 'media-4'],
        ['media-3', 'media-2', 'media-1'],
        ['media-0'],
      ]);
    });

    storageTest('a page that holds exactly the rest is the last page', async (storage) => {
      const webhook = await createWebhook(storage);
      await storage.events.commit(publications(3), T0);
      assert.equal((await listed(storage, webhook.id, { limit: 3 })).next, null);
      const { next } = await listed(storage, webhook.id, { limit: 2 });
      assert.deepEqual(await listed(storage, webhook.id, { before: next }), {
        media: ['media-0'],
        next: null,
      });
      assert.deepEqual(await listed(storage, 'no such webhook', {}), { media: [], next: null });
    });

    storageTest('are filtered by state and event, page by page', async (storage) => {
      const webhook = await createWebhook(storage);
      const types = ['file.received', 'encoding.started', 'file.received', 'file.received'] as const;
      const events = types.map((type, n) => publication(type, { mediaId: `m${n}` }));
      const { ready } = await storage.events.commit(events, T0);
      const [m0, m1, m2] = ready;
      assert.ok(m0 && m1 && m2);
      await storage.queue.settle([succeeded(m0), succeeded(m1), exhausted(m2)], T0 + 1, null);
      const media = async (request: Partial<DeliveryListRequest>) =>
        (await listed(storage, webhook.id, request)).media;
      assert.deepEqual(await media({ state: 'succeeded' }), ['m1', 'm0']);
      assert.deepEqual(await media({ state: 'failed' }), ['m2']);
      assert.deepEqual(await media({ state: 'pending' }), ['m3']);
      assert.deepEqual(await media({ state: 'cancelled' }), []);
      assert.deepEqual(await media({ event: 'encoding.started' }), ['m1']);
      assert.deepEqual(await media({ event: 'file.received', state: 'succeeded' }), ['m0']);
      const first = await listed(storage, webhook.id, { event: 'file.received', limit: 2 });
      assert.deepEqual(first.media, ['m3', 'm2']);
      const second = await listed(storage, webhook.id, {
        event: 'file.received',
        limit: 2,
        before: first.next,
      });
      assert.deepEqual(second, { media: ['m0'], next: null });
    });

    storageTest('are seen by their own account only', async (storage) => {
      const webhook = await createWebhook(storage);
      const { id } = await commitOne(storage);
      assert.deepEqual(await storage.deliveries.list(STRANGER, webhook.id, ALL_DELIVERIES), {
        items: [],
        next: null,
      });
      assert.equal(await storage.deliveries.find(STRANGER, id), null);
      assert.equal(await storage.deliveries.find(USER, 'no such delivery'), null);
      assert.equal((await deliveryOf(storage, { id })).delivery.id, id);
    });

    storageTest('show the body that was sent, and the result of each attempt', async (storage) => {
      const webhook = await createWebhook(storage);
      const { event } = publication('encoding.finished', { body: '{"title":"Grüße \\u0000 🎬"}' });
      const ready = only((await storage.events.commit([{ event, step: null }], T0)).ready);
      const refused = postponed(ready, T0 + 3_000, T0 + 1);
      await storage.queue.settle([refused], T0 + 2, null);
      const again = only((await claim(storage, T0 + 3_000)).ready);
      const accepted = succeeded(again, T0 + 3_000);
      await storage.queue.settle([accepted], T0 + 3_001, null);
      const detail = await deliveryOf(storage, ready);
      assert.deepEqual(detail.attempts, [refused.attempt, accepted.attempt]);
      assert.equal(detail.body, event.body);
      assert.deepEqual(detail.delivery, {
        id: ready.id,
        webhookId: webhook.id,
        userId: USER,
        eventId: event.id,
        eventType: 'encoding.finished',
        mediaId: event.mediaId,
        state: 'succeeded',
        attempts: 2,
        nextAttemptAt: null,
        createdAt: T0,
        endedAt: T0 + 3_001,
        lastAttempt: { at: T0 + 3_000, status: 200, error: null },
        pending: null,
      });
      assert.deepEqual((await storage.deliveries.list(USER, webhook.id, ALL_DELIVERIES)).items, [
        detail.delivery,
      ]);
    });
  });
}
