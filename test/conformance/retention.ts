import assert from 'node:assert/strict';
import { randomUUIDv7 } from 'node:crypto';
import { describe } from 'node:test';
import type { ReadyDelivery } from '../../src/domain/delivery.ts';
import type { Cursor } from '../../src/storage/contracts/page.ts';
import type { Storage } from '../../src/storage/contracts/storage.ts';
import { newMedia, publication, T0, USER } from '../../src/storage/testing/records.ts';
import { type StorageHarness, storageTests } from './support/harness.ts';
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
} from './support/settlements.ts';

/** A time after everything that a test does, unless it says otherwise. */
const LATER = T0 + 1_000_000;

/** Runs a whole round, in steps of `limit`. Returns the numbers of removed rows, and the largest number of one step. */
async function removeEvents(storage: Storage, before = LATER, limit = 100) {
  const sum = { events: 0, deliveries: 0, expired: 0 };
  let most = 0;
  let after: Cursor | null = null;
  do {
    const step = await storage.retention.removeEvents({ before, now: Math.max(before, LATER), after, limit });
    sum.events += step.events;
    sum.deliveries += step.deliveries;
    sum.expired += step.expired;
    most = Math.max(most, step.events + step.deliveries);
    after = step.after;
  } while (after);
  return { ...sum, most };
}

async function removeWebhooks(storage: Storage, limit = 100): Promise<number> {
  let sum = 0;
  let after: string | null = null;
  do {
    const step: Awaited<ReturnType<Storage['retention']['removeWebhooks']>> =
      await storage.retention.removeWebhooks({ after, limit });
    sum += step.webhooks;
    after = step.after;
  } while (after !== null);
  return sum;
}

/** Whether the account's event with this key is still there. It commits the event again if it is not. */
async function isKnown(storage: Storage, idempotencyKey: string): Promise<boolean> {
  const { outcomes } = await storage.events.commit([publication('file.received', { idempotencyKey })], LATER);
  return only(outcomes) === 'repeated';
}

function exists(storage: Storage, { id }: Pick<ReadyDelivery, 'id'>): Promise<boolean> {
  return storage.deliveries.find(USER, id).then((found) => found !== null);
}

export function testRetention(harness: StorageHarness): void {
  const storageTest = storageTests(harness);

  describe('retention', () => {
    storageTest(
      'deliveries that ended before the given time are removed, with their attempts; the rest stays',
      async (storage) => {
        await createWebhook(storage);
        const [old, young] = [await commitOne(storage, 'a'), await commitOne(storage, 'b')];
        await storage.queue.settle([succeeded(old)], T0 + 10, null);
        await storage.queue.settle([exhausted(young)], T0 + 11, null);
        assert.deepEqual(await removeEvents(storage, T0), { events: 0, deliveries: 0, expired: 0, most: 0 });
        assert.deepEqual(await removeEvents(storage, T0 + 11), {
          events: 1,
          deliveries: 1,
          expired: 0,
          most: 2,
        });
        assert.deepEqual([await exists(storage, old), await exists(storage, young)], [false, true]);
        assert.equal((await deliveryOf(storage, young)).attempts.length, 1);
        assert.deepEqual(await removeEvents(storage, T0 + 12), {
          events: 1,
          deliveries: 1,
          expired: 0,
          most: 2,
        });
        assert.deepEqual(await removeEvents(storage), { events: 0, deliveries: 0, expired: 0, most: 0 });
      },
    );

    storageTest('an event is removed when it is old and none of its deliveries is left', async (storage) => {
      const both = [await createWebhook(storage), await createWebhook(storage)];
      const one = publication('file.received', { idempotencyKey: 'k' });
      const { ready } = await storage.events.commit([one], T0);
      const [a, b] = ready;
      assert.ok(a && b);
      await storage.queue.settle([succeeded(a), postponed(b, LATER)], T0 + 1, null);
      assert.deepEqual(await removeEvents(storage), { events: 0, deliveries: 1, expired: 0, most: 1 });
      assert.deepEqual(await removeEvents(storage), { events: 0, deliveries: 0, expired: 0, most: 0 });
      assert.equal(await isKnown(storage, 'k'), true);
      const again = only((await claim(storage, LATER)).ready);
      assert.deepEqual([again.id, again.event.body], [b.id, one.event.body]);
      await storage.queue.settle([succeeded(again)], T0 + 2, null);
      assert.deepEqual(await removeEvents(storage), { events: 1, deliveries: 1, expired: 0, most: 2 });
      for (const webhook of both) assert.deepEqual(await deliveriesOf(storage, webhook), []);
    });

    storageTest(
      'an event without deliveries is removed by its age, together with its idempotency key',
      async (storage) => {
        const one = publication('file.received', { idempotencyKey: 'k' });
        await storage.events.commit([one], T0 + 5);
        assert.equal((await removeEvents(storage, T0 + 5)).events, 0);
        assert.equal(await isKnown(storage, 'k'), true);
        assert.equal((await removeEvents(storage, T0 + 6)).events, 1);
        assert.equal(await isKnown(storage, 'k'), false);
      },
    );

    storageTest(
      'an event of a clock that was ahead stays, and those after it are removed',
      async (storage) => {
        const early = publication('file.received', { idempotencyKey: 'early' });
        await storage.events.commit([early], LATER + 1);
        await storage.events.commit([publication('file.received', { idempotencyKey: 'k' })], T0);
        assert.equal((await removeEvents(storage, T0 + 1, 1)).events, 1);
        assert.deepEqual([await isKnown(storage, 'early'), await isKnown(storage, 'k')], [true, false]);
      },
    );

    storageTest('a pending delivery stays, however old, and its lane continues in order', async (storage) => {
      const webhook = await createWebhook(storage);
      const first = only(await commitLane(storage, 'm1', 3));
      const second = only(await settle(storage, [exhausted(first)], T0 + 1));
      assert.deepEqual(await removeEvents(storage), { events: 1, deliveries: 1, expired: 0, most: 2 });
      const [, third] = await deliveriesOf(storage, webhook);
      assert.deepEqual(await commitLane(storage, 'm1'), [], 'the lane is busy');
      assert.equal(only(await settle(storage, [succeeded(second)], T0 + 2)).id, third?.id);
      assert.deepEqual(await removeEvents(storage), { events: 1, deliveries: 1, expired: 0, most: 2 });
      assert.equal((await deliveriesOf(storage, webhook)).length, 2);
    });

    storageTest(
      'what waits for a webhook that is paused for too long ends as failed, and stays as long again',
      async (storage) => {
        const [paused, other] = [await createWebhook(storage), await createWebhook(storage)];
        const pausedAt = T0 + 1_000;
        await storage.webhooks.pause(USER, paused.id, { at: pausedAt, by: null });
        await commitLane(storage, 'm1', 3);
        const lane = [publication('partial.finished', { mediaId: 'm1' })];
        await storage.events.commit(lane, pausedAt + 1);
        const states = async () => (await deliveriesOf(storage, paused)).map(({ state }) => state);
        assert.equal((await removeEvents(storage, pausedAt)).expired, 0, 'the pause is not old');
        const { expired, deliveries } = await removeEvents(storage, pausedAt + 1, 2);
        assert.deepEqual([expired, deliveries], [3, 0]);
        assert.deepEqual(await states(), ['failed', 'failed', 'failed', 'pending']);
        for (const { endedAt } of (await deliveriesOf(storage, paused)).slice(0, 3))
          assert.equal(endedAt, LATER);

        // Sends what is left of the lane.
        await storage.webhooks.resume(USER, paused.id, { at: LATER, by: null });
        const next = only((await claim(storage, LATER)).ready);
        assert.equal(next.id, (await deliveriesOf(storage, paused))[3]?.id);
        const others = (await deliveriesOf(storage, other)).map(({ state }) => state);
        assert.deepEqual(new Set(others), new Set(['pending']));
      },
    );

    storageTest('a resent delivery stays until its new end is old', async (storage) => {
      await createWebhook(storage);
      const delivery = await commitOne(storage);
      await storage.queue.settle([exhausted(delivery)], T0 + 1, null);
      await storage.deliveries.resend(USER, delivery.id, { at: T0 + 100, by: null });
      assert.equal((await removeEvents(storage)).deliveries, 0);
      const again = only((await claim(storage, T0 + 100)).ready);
      await storage.queue.settle([succeeded(again, T0 + 100)], T0 + 101, null);
      assert.equal((await removeEvents(storage, T0 + 101)).deliveries, 0);
      assert.equal((await deliveryOf(storage, delivery)).attempts.length, 2);
      assert.deepEqual(await removeEvents(storage, T0 + 102), {
        events: 1,
        deliveries: 1,
        expired: 0,
        most: 2,
      });
    });

    storageTest('small steps remove the same as one large step', async (storage) => {
      const count = 5;
      const webhooks = await Promise.all(Array.from({ length: count }, () => createWebhook(storage)));
      const kept: ReadyDelivery[] = [];
      for (const [n, media] of ['a', 'b', 'c', 'd'].entries()) {
        const { ready } = await storage.events.commit([publication('file.received', { mediaId: media })], T0);
        // One delivery of each event stays, each time another; the last event keeps none.
        const stays = media === 'd' ? -1 : n * 2;
        await storage.queue.settle(
          ready.filter((_, index) => index !== stays).map((delivery) => succeeded(delivery)),
          T0 + 1,
          null,
        );
        kept.push(...ready.filter((_, index) => index === stays));
      }
      const { events, deliveries, most } = await removeEvents(storage, LATER, 3);
      assert.deepEqual([events, deliveries], [1, 4 * count - kept.length]);
      assert.ok(most <= 3, `${most} rows in a step`);
      const left = (await Promise.all(webhooks.map((webhook) => deliveriesOf(storage, webhook)))).flat();
      assert.deepEqual(left.map(({ id }) => id).toSorted(), kept.map(({ id }) => id).toSorted());
      await storage.queue.settle(
        kept.map((delivery) => succeeded(delivery)),
        T0 + 2,
        null,
      );
      const rest = await removeEvents(storage, LATER, 1);
      assert.deepEqual([rest.events, rest.deliveries], [3, 3]);
    });

    storageTest('a round in progress respects what is committed and settled meanwhile', async (storage) => {
      await createWebhook(storage);
      const [a, b] = [await commitOne(storage, 'a'), await commitOne(storage, 'b')];
      await storage.queue.settle([succeeded(a)], T0 + 1, null);
      const step = await storage.retention.removeEvents({ before: LATER, now: LATER, after: null, limit: 1 });
      assert.ok(step.after);
      await storage.queue.settle([succeeded(b)], T0 + 2, null);
      const c = await commitOne(storage, 'c');
      const rest = await storage.retention.removeEvents({
        before: LATER,
        now: LATER,
        after: step.after,
        limit: 100,
      });
      assert.deepEqual([step.events + rest.events, step.deliveries + rest.deliveries], [2, 2]);
      assert.equal(rest.after, null);
      assert.deepEqual(await settle(storage, [succeeded(c)], T0 + 3), []);
      assert.deepEqual(await removeEvents(storage), { events: 1, deliveries: 1, expired: 0, most: 2 });
    });

    storageTest('deleted webhooks are removed after their last delivery; others stay', async (storage) => {
      const [used, unused, live] = [
        await createWebhook(storage, { events: ['partial.finished'] }),
        await createWebhook(storage, { events: ['encoding.failed'] }),
        await createWebhook(storage, { events: ['encoding.failed'] }),
      ];
      const delivery = await commitOne(storage);
      for (const { id } of [used, unused]) await storage.webhooks.delete(USER, id, { at: T0 + 1, by: null });
      assert.equal(await removeWebhooks(storage, 1), 1);
      assert.equal(await storage.deliveries.resend(USER, delivery.id, { at: T0 + 2, by: null }), 'gone');
      assert.deepEqual(await removeEvents(storage), { events: 1, deliveries: 1, expired: 0, most: 2 });
      assert.equal(await removeWebhooks(storage, 1), 1);
      assert.equal(await removeWebhooks(storage), 0);
      assert.deepEqual(await storage.webhooks.find(USER, live.id), live);
    });

    storageTest('a webhook is removed with its bulk resends, in steps', async (storage) => {
      const webhook = await createWebhook(storage);
      for (let n = 0; n < 5; n += 1) {
        const times = { since: T0, until: T0 + n, createdAt: T0 + n, endedAt: null };
        const keys = { id: randomUUIDv7(), webhookId: webhook.id, userId: USER };
        await storage.bulkResends.create({ ...keys, ...times, state: 'running', queued: 0 }, null);
      }
      await storage.webhooks.delete(USER, webhook.id, { at: T0 + 9, by: null });
      assert.equal(await removeWebhooks(storage, 2), 1);
      assert.deepEqual(await storage.bulkResends.list(USER, webhook.id), []);
    });

    storageTest(
      'a delivery with more attempts than a step may remove is removed in several steps',
      async (storage) => {
        await createWebhook(storage);
        let delivery = await commitOne(storage);
        for (let n = 1; n <= 10; n += 1) {
          await storage.queue.settle([postponed(delivery, T0 + n, T0 + n)], T0 + n, null);
          delivery = only((await claim(storage, T0 + n)).ready);
        }
        await storage.queue.settle([exhausted(delivery, T0 + 11)], T0 + 11, null);
        const first = await storage.retention.removeEvents({
          before: LATER,
          now: LATER,
          after: null,
          limit: 4,
        });
        assert.equal((await deliveryOf(storage, delivery)).attempts.length, 7);
        assert.notEqual(first.after, null);
        assert.deepEqual(await removeEvents(storage, LATER, 4), {
          events: 1,
          deliveries: 1,
          expired: 0,
          most: 2,
        });
        assert.equal(await exists(storage, delivery), false);
      },
    );

    storageTest('deleted media are listed by the time of their deletion, and removed', async (storage) => {
      const media = Array.from({ length: 4 }, () => newMedia());
      for (const one of media) await storage.media.create(one, null, null);
      const [a, b, c, kept] = media.map(({ id }) => id) as [string, string, string, string];
      for (const [n, id] of [c, a, b].entries())
        await storage.media.delete(USER, id, { at: T0 + n, by: null });
      const list = (before: number, limit: number) => storage.retention.deletedMedia({ before, limit });
      assert.deepEqual(await list(T0 + 2, 10), [c, a]);
      assert.deepEqual(await list(LATER, 2), [c, a]);
      await storage.retention.removeMedia([c, a, kept]);
      assert.deepEqual(await list(LATER, 10), [b]);
      const statuses = await storage.media.statuses([a, b, c, kept]);
      assert.deepEqual(statuses.map(({ id }) => id).toSorted(), [b, kept].toSorted());
    });
  });
}
