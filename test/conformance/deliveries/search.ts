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
  commitLane,
  createWebhook,
  deliveryOf,
  exhausted,
  only,
  postponed,
  succeeded,
} from '../support/settlements.ts';

/** More deliveries than one page reads to find those that match. */
const MANY = 5_100;

interface Found {
  readonly media: string[];
  /** Number of pages, empty ones included. */
  readonly pages: number;
}

/** Reads all pages of a list. Returns the media of its deliveries, which identify them here. */
async function searched(
  storage: Storage,
  request: Partial<DeliveryListRequest> & { readonly webhookId?: string },
  userId: string = USER,
): Promise<Found> {
  const { webhookId = null, ...rest } = request;
  const media: string[] = [];
  let pages = 0;
  let before: Cursor | null = null;
  do {
    const page = await storage.deliveries.list(userId, webhookId, {
      ...ALL_DELIVERIES,
      limit: 50,
      ...rest,
      before,
    });
    media.push(...page.items.map(({ mediaId }) => mediaId));
    before = page.next;
    pages += 1;
  } while (before !== null);
  return { media, pages };
}

export function testDeliverySearch(harness: StorageHarness): void {
  const storageTest = storageTests(harness);

  describe('a search for deliveries', () => {
    storageTest(
      'of all webhooks of an account merges them, newest first, the deleted ones included',
      async (storage) => {
        const [one, two] = [
          await createWebhook(storage),
          await createWebhook(storage, { events: ['encoding.failed'] }),
        ];
        await createWebhook(storage);
        await createWebhook(storage, { userId: STRANGER });
        const media = (n: number) => `m${String(n).padStart(2, '0')}`;
        for (let n = 0; n < 9; n += 1)
          await storage.events.commit(
            [publication(n % 3 === 0 ? 'encoding.failed' : 'file.received', { mediaId: media(n) })],
            T0,
          );
        await storage.events.commit(
          [publication('file.received', { userId: STRANGER, mediaId: 'of a stranger' })],
          T0,
        );
        await storage.webhooks.delete(USER, one.id, { at: T0 + 1, by: null });
        const expected = [8, 7, 6, 5, 4, 3, 2, 1, 0]
          .flatMap((n) => (n % 3 === 0 ? [n, n, n] : [n, n]))
          .map(media);
        for (const limit of [1, 2, 4, 21, 100])
          assert.deepEqual((await searched(storage, { limit })).media, expected, `limit ${limit}`);
        assert.deepEqual((await searched(storage, { webhookId: two.id, limit: 2 })).media, [
          'm06',
          'm03',
          'm00',
        ]);
        assert.deepEqual((await searched(storage, {}, STRANGER)).media, ['of a stranger']);
        assert.deepEqual((await searched(storage, { webhookId: two.id }, STRANGER)).media, []);
      },
    );

    storageTest('of a media finds only those of the account, with each other filter', async (storage) => {
      const webhook = await createWebhook(storage);
      const other = await createWebhook(storage);
      await createWebhook(storage, { userId: STRANGER });
      const { ready } = await storage.events.commit(
        [
          publication('file.received', { mediaId: 'wanted' }),
          publication('file.received', { mediaId: 'another' }),
          publication('file.received', { mediaId: 'wanted', userId: STRANGER }),
        ],
        T0,
      );
      await storage.events.commit([publication('encoding.failed', { mediaId: 'wanted' })], T0);
      const first = ready.find(
        ({ webhook: { id }, event }) => id === webhook.id && event.mediaId === 'wanted',
      );
      await storage.queue.settle([exhausted(first ?? assert.fail())], T0 + 1, null);
      const count = async (request: Parameters<typeof searched>[1], userId?: string) =>
        (await searched(storage, { mediaId: 'wanted', limit: 1, ...request }, userId)).media.length;
      assert.equal(await count({}), 4);
      assert.equal(await count({ webhookId: other.id }), 2);
      assert.equal(await count({ event: 'encoding.failed' }), 2);
      assert.equal(await count({ state: 'failed' }), 1);
      assert.equal(await count({ state: 'pending', webhookId: webhook.id }), 1);
      assert.equal(await count({}, STRANGER), 1);
      assert.equal(await count({ mediaId: 'nobody published this' }), 0);
    });

    storageTest('that matches rarely continues from page to page, and finds everything', async (storage) => {
      const webhook = await createWebhook(storage);
      await createWebhook(storage, { events: ['encoding.started'] });
      const rare = (mediaId: string) => publication('encoding.failed', { mediaId });
      const { ready } = await storage.events.commit([rare('first')], T0);
      await storage.events.commit(publications(MANY), T0);
      await storage.events.commit([rare('last')], T0);
      await storage.queue.settle([succeeded(only(ready))], T0 + 1, null);
      for (const scope of [{}, { webhookId: webhook.id }]) {
        const byEvent = await searched(storage, { ...scope, event: 'encoding.failed' });
        assert.deepEqual(byEvent.media, ['last', 'first']);
        assert.ok(byEvent.pages > 2 && byEvent.pages < 10, `${byEvent.pages} pages`);
        assert.deepEqual((await searched(storage, { ...scope, state: 'succeeded' })).media, ['first']);
        assert.deepEqual(await searched(storage, { ...scope, mediaId: 'first' }), {
          media: ['first'],
          pages: 1,
        });
        assert.deepEqual(await searched(storage, { ...scope, state: 'failed' }), { media: [], pages: 1 });
        const pending = await searched(storage, { ...scope, state: 'pending', limit: 1_000 });
        assert.deepEqual([pending.media.length, new Set(pending.media).size], [MANY + 1, MANY + 1]);
      }
    });

    storageTest(
      'of few pending deliveries finds them at once, however many others there are',
      async (storage) => {
        const webhook = await createWebhook(storage);
        const { ready: old } = await storage.events.commit(
          [publication('file.received', { mediaId: 'pending' })],
          T0,
        );
        const many = publications(MANY);
        // A commit may hand over only some of very many ready deliveries.
        for (let from = 0; from < MANY; from += 1_000) {
          const some = many.slice(from, from + 1_000);
          const { ready } = await storage.events.commit(some, T0);
          const ends = ready.map((delivery) => succeeded(delivery));
          await storage.queue.settle(ends, T0 + 1, null);
        }
        await storage.queue.settle([postponed(only(old), T0 + 9)], T0 + 1, null);
        for (const scope of [{}, { webhookId: webhook.id }])
          assert.deepEqual(await searched(storage, { ...scope, state: 'pending' }), {
            media: ['pending'],
            pages: 1,
          });
      },
    );

    storageTest('of an account with thousands of webhooks finds everything, too', async (storage) => {
      const webhook = await createWebhook(storage);
      await storage.events.commit(publications(3), T0);
      await storage.webhooks.pause(USER, webhook.id, { at: T0, by: null });
      const more = Array.from({ length: 2_100 }, () =>
        createWebhook(storage, { events: ['encoding.failed'] }),
      );
      await Promise.all(more);
      await createWebhook(storage, { userId: STRANGER });
      await storage.events.commit(publications(2, { userId: STRANGER }), T0);
      await storage.events.commit([publication('encoding.failed', { mediaId: 'of all' })], T0);
      const { media } = await searched(storage, { limit: 1_000 });
      assert.equal(media.filter((one) => one === 'of all').length, 2_101);
      assert.deepEqual(media.slice(-3), ['media-2', 'media-1', 'media-0']);
      assert.deepEqual((await searched(storage, { event: 'file.received' })).media, media.slice(-3));
    });
  });

  describe('a listed delivery', () => {
    storageTest(
      'has its last attempt, and the facts from which follows why it is pending',
      async (storage) => {
        const webhook = await createWebhook(storage);
        const first = only(await commitLane(storage, 'm1', 3));
        const factsOf = async () =>
          (await storage.deliveries.list(USER, null, ALL_DELIVERIES)).items.map(
            ({ pending, lastAttempt }) => ({
              ...pending,
              last: lastAttempt?.status,
            }),
          );
        const waiting = { isClaimed: false, isPaused: false, waitsFor: first.id, last: undefined };
        const facts = (own: object) => [
          { ...waiting, seq: first.seq + 2, ...own },
          { ...waiting, seq: first.seq + 1, ...own },
          { ...waiting, seq: first.seq, waitsFor: null, isClaimed: true, ...own },
        ];
        assert.deepEqual(await factsOf(), facts({}));
        await storage.webhooks.pause(USER, webhook.id, { at: T0, by: null });
        assert.deepEqual(await factsOf(), facts({ isPaused: true }));
        await storage.queue.settle([exhausted(first)], T0 + 1, null);
        const [third, second, ended] = await factsOf();
        const secondId = (await storage.deliveries.list(USER, webhook.id, ALL_DELIVERIES)).items[1]?.id;
        assert.deepEqual([third?.waitsFor, second?.waitsFor, second?.isClaimed], [secondId, null, false]);
        assert.deepEqual(ended, { last: 500 });
        assert.deepEqual((await deliveryOf(storage, first)).delivery.lastAttempt, {
          at: T0,
          status: 500,
          error: 'the receiver answered 500',
        });
      },
    );

    storageTest('that was resent waits for the delivery that was already ready', async (storage) => {
      await createWebhook(storage);
      const old = only(await commitLane(storage, 'm1'));
      await storage.queue.settle([exhausted(old)], T0 + 1, null);
      const current = only(await commitLane(storage, 'm1'));
      await storage.deliveries.resend(USER, old.id, { at: T0 + 2, by: null });
      assert.equal((await deliveryOf(storage, old)).delivery.pending?.waitsFor, current.id);
      assert.deepEqual((await claim(storage, T0 + 3)).ready, []);
    });
  });
}
