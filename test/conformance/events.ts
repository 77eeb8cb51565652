import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { EVENT_TYPES } from '../../src/domain/event.ts';
import type { Storage } from '../../src/storage/contracts/storage.ts';
import { newMedia, newWebhook, publication, STRANGER, T0, USER } from '../../src/storage/testing/records.ts';
import { type StorageHarness, storageTests } from './support/harness.ts';

async function createWebhooks(storage: Storage, ...all: Parameters<typeof newWebhook>[0][]) {
  const webhooks = all.map((fields) => newWebhook(fields));
  for (const webhook of webhooks) await storage.webhooks.create(webhook, null, null);
  return webhooks;
}

async function countDeliveries(storage: Storage, webhookId: string): Promise<number> {
  const request = { limit: 100, before: null, state: null, event: null, mediaId: null };
  return (await storage.deliveries.list(USER, webhookId, request)).items.length;
}

export function testCommit(harness: StorageHarness): void {
  const storageTest = storageTests(harness);

  describe('committing events', () => {
    storageTest(
      'creates a delivery for each webhook of the account that subscribes to the event',
      async (storage) => {
        const [all, some, _none, foreign] = await createWebhooks(
          storage,
          {},
          { events: ['file.received'] },
          { events: ['encoding.failed'] },
          { userId: STRANGER },
        );
        const { outcomes, ready } = await storage.events.commit([publication('file.received')], T0);
        assert.deepEqual(outcomes, ['committed']);
        const webhooks = ready.map((delivery) => delivery.webhook.id);
        assert.deepEqual(webhooks.toSorted(), [all?.id, some?.id].toSorted());
        assert.equal(new Set(ready.map((delivery) => delivery.id)).size, 2);
        assert.equal(await countDeliveries(storage, foreign?.id ?? ''), 0);
      },
    );

    for (const type of EVENT_TYPES) {
      storageTest(`${type} goes only to webhooks that subscribe to it`, async (storage) => {
        const others = EVENT_TYPES.filter((other) => other !== type);
        const [only] = await createWebhooks(storage, { events: [type] }, { events: others });
        const { ready } = await storage.events.commit([publication(type)], T0);
        assert.deepEqual(
          ready.map((delivery) => delivery.webhook.id),
          [only?.id],
        );
      });
    }

    storageTest('an event without a webhook is committed without deliveries', async (storage) => {
      const event = publication('file.received', { idempotencyKey: 'k' });
      const committed = await storage.events.commit([event], T0);
      assert.deepEqual(committed, { outcomes: ['committed'], ready: [] });
      const again = await storage.events.commit([publication('file.received', { idempotencyKey: 'k' })], T0);
      assert.deepEqual(again, { outcomes: ['repeated'], ready: [] });
      assert.deepEqual(await storage.events.commit([], T0), { outcomes: [], ready: [] });
    });

    storageTest('a ready delivery has all data that an attempt needs', async (storage) => {
      const [webhook] = await createWebhooks(storage, {});
      const { event } = publication('file.received');
      const { ready } = await storage.events.commit([{ event, step: null }], T0);
      const { id, seq, ...rest } = ready[0] ?? assert.fail('nothing is ready');
      assert.deepEqual(rest, {
        event: { id: event.id, mediaId: event.mediaId, body: event.body },
        webhook: {
          id: webhook?.id,
          url: webhook?.url,
          secret: webhook?.secret,
          revision: rest.webhook.revision,
        },
        attempts: 0,
        attemptsBefore: 0,
      });
      assert.equal(typeof seq, 'number');
      assert.equal(typeof rest.webhook.revision, 'number');
      const found = await storage.deliveries.find(USER, id);
      assert.equal(found?.body, event.body);
    });

    storageTest("a ready delivery has its webhook's own policies", async (storage) => {
      const policies = { retrySchedule: [5_000, 500], maxInFlight: 3 };
      await createWebhooks(storage, policies);
      const lane = [publication('file.received'), publication('encoding.started')];
      const { ready } = await storage.events.commit(lane, T0);
      const first = ready[0] ?? assert.fail('nothing is ready');
      const { retrySchedule, maxInFlight } = first.webhook;
      assert.deepEqual({ retrySchedule, maxInFlight }, policies);
      await storage.queue.release([first.seq]);
      const request = { now: T0, limit: 1, perWebhook: 1, buffered: [], after: null };
      assert.deepEqual((await storage.queue.claim(request)).ready, [first]);
    });

    storageTest('the answers are in the order of the publications', async (storage) => {
      const media = newMedia();
      await storage.media.create(media, null, null);
      const started = { kind: 'started', mediaId: media.id } as const;
      const { outcomes } = await storage.events.commit(
        [
          publication('file.received', { idempotencyKey: 'a' }),
          publication('encoding.started', { mediaId: media.id }, started),
          publication('file.received', { idempotencyKey: 'a' }),
          publication('file.received', { idempotencyKey: 'b' }),
          publication('file.received'),
        ],
        T0,
      );
      assert.deepEqual(outcomes, ['committed', 'refused', 'repeated', 'committed', 'committed']);
    });

    storageTest('a repeated key does nothing, whatever else the event contains', async (storage) => {
      const [webhook] = await createWebhooks(storage, {});
      const keyed = (mediaId: string) => publication('file.received', { idempotencyKey: 'once', mediaId });
      const first = await storage.events.commit([keyed('m1'), keyed('m2'), keyed('m3')], T0);
      assert.deepEqual(first.outcomes, ['committed', 'repeated', 'repeated']);
      assert.equal(first.ready.length, 1);
      assert.deepEqual((await storage.events.commit([keyed('m4')], T0)).outcomes, ['repeated']);
      assert.equal(await countDeliveries(storage, webhook?.id ?? ''), 1);
    });

    storageTest('a key belongs to its account; events without a key are never repeats', async (storage) => {
      const { outcomes } = await storage.events.commit(
        [
          publication('file.received', { idempotencyKey: 'k' }),
          publication('file.received', { idempotencyKey: 'k', userId: STRANGER }),
          publication('file.received', { idempotencyKey: null }),
          publication('file.received', { idempotencyKey: null }),
        ],
        T0,
      );
      assert.deepEqual(outcomes, ['committed', 'committed', 'committed', 'committed']);
    });

    storageTest('of concurrent calls with one key, one is committed', async (storage) => {
      const [webhook] = await createWebhooks(storage, {});
      const call = () => storage.events.commit([publication('file.received', { idempotencyKey: 'k' })], T0);
      const committed = await Promise.all(Array.from({ length: 8 }, call));
      const outcomes = committed.flatMap((one) => one.outcomes);
      assert.deepEqual(outcomes.toSorted(), ['committed', ...Array(7).fill('repeated')]);
      assert.equal(await countDeliveries(storage, webhook?.id ?? ''), 1);
    });

    storageTest('a repeated event takes no step, and a refused event uses no key', async (storage) => {
      const media = newMedia();
      await storage.media.create(media, null, null);
      const event = { mediaId: media.id, idempotencyKey: 'k' };
      const started = publication('encoding.started', event, { kind: 'started', mediaId: media.id });
      const received = publication('file.received', event, {
        kind: 'received',
        mediaId: media.id,
        size: 1,
        by: null,
      });
      const { outcomes } = await storage.events.commit([started, received, started], T0);
      assert.deepEqual(outcomes, ['refused', 'committed', 'repeated']);
      assert.equal((await storage.media.findAny(media.id))?.status, 'new');
      assert.deepEqual((await storage.events.commit([received], T0)).outcomes, ['repeated']);
    });

    storageTest('a call that rejects leaves no event, no step and no delivery', async (storage) => {
      const [webhook] = await createWebhooks(storage, {});
      const media = newMedia();
      await storage.media.create(media, null, null);
      const received = { kind: 'received', mediaId: media.id, size: 1, by: null } as const;
      const good = publication('file.received', { mediaId: media.id, idempotencyKey: 'k' }, received);
      const impossible = publication('file.received', { body: null as unknown as string });
      await assert.rejects(storage.events.commit([good, impossible], T0));
      assert.deepEqual(await storage.media.findAny(media.id), media);
      assert.equal(await countDeliveries(storage, webhook?.id ?? ''), 0);
      assert.deepEqual((await storage.events.commit([good], T0)).outcomes, ['committed']);
    });
  });
}
