import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ReadyDelivery } from '../domain/delivery.ts';
import type { EventStore, Publication } from '../storage/contracts/events.ts';
import { Publisher } from './publisher.ts';

function publication(id: string): Publication {
  const event = { id, userId: 'u', mediaId: 'm', emittedAt: 0, body: '{}', idempotencyKey: null };
  return { event: { ...event, type: 'file.received' }, step: null };
}

const publications = (count: number) => Array.from({ length: count }, (_, n) => publication(`e${n}`));

function readyOf({ event }: Publication): ReadyDelivery {
  const { id, mediaId, body } = event;
  const webhook = { id: 'w', url: 'http://r/', secret: 's' };
  return { id: `d-${id}`, seq: 1, event: { id, mediaId, body }, webhook, attempts: 0, attemptsBefore: 0 };
}

/** Creates a publisher over a store that records its batches. `commit` is awaited in each of them. */
function setUp(commit: () => Promise<void> = async () => undefined) {
  const batches: number[] = [];
  const offered: string[] = [];
  const events: EventStore = {
    commit: async (batch) => {
      batches.push(batch.length);
      await commit();
      return { outcomes: batch.map(() => 'committed'), ready: batch.map(readyOf) };
    },
  };
  const onReady = (ready: readonly ReadyDelivery[]) => void offered.push(...ready.map(({ id }) => id));
  return {
    publisher: new Publisher({
      events,
      now: Date.now,
      steadyNow: Date.now,
      untilRoom: async () => undefined,
      onReady,
      onMoreReady: () => undefined,
    }),
    batches,
    offered,
  };
}

test('publishing fulfils with the outcomes after the commit, and passes on the ready deliveries', async () => {
  const gate = Promise.withResolvers<void>();
  const { publisher, offered } = setUp(() => gate.promise);
  const publishing = publisher.publish([publication('a'), publication('b')]);
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(offered, []);
  gate.resolve();
  assert.deepEqual(await publishing, ['committed', 'committed']);
  assert.deepEqual(offered, ['d-a', 'd-b']);
  assert.deepEqual(await publisher.publish([]), []);
});

test('many callers share commits of bounded size', async () => {
  const { publisher, batches, offered } = setUp();
  await Promise.all(Array.from({ length: 1_200 }, (_, n) => publisher.publish([publication(`${n}`)])));
  assert.deepEqual(batches, [500, 500, 200]);
  assert.equal(offered.length, 1_200);
});

test('a failed commit rejects its callers and passes on nothing, and the publisher stays usable', async () => {
  let fails = true;
  const { publisher, offered } = setUp(async () => {
    if (fails) throw new Error('the disk is full');
  });
  await assert.rejects(publisher.publish([publication('a')]), /full/);
  assert.deepEqual(offered, []);
  fails = false;
  await publisher.publish([publication('b')]);
  assert.deepEqual(offered, ['d-b']);
});

test('when the store cannot keep up, callers are rejected, and memory stays bounded', async () => {
  const gate = Promise.withResolvers<void>();
  const { publisher, batches } = setUp(() => gate.promise);
  const accepted = [publisher.publish(publications(15_000)), publisher.publish(publications(15_000))];
  await assert.rejects(publisher.publish([publication('late')]), { code: 'overloaded' });
  gate.resolve();
  await Promise.all(accepted);
  assert.deepEqual(await publisher.publish([publication('again')]), ['committed']);
  assert.deepEqual(batches, [15_000, 15_000, 1]);
});

test('a publisher is idle when everything that was published is committed', async () => {
  const gate = Promise.withResolvers<void>();
  const { publisher, offered } = setUp(() => gate.promise);
  void publisher.publish([publication('a')]);
  const idle = publisher.idle().then(() => offered.length);
  gate.resolve();
  assert.equal(await idle, 1);
});

test('publications that a commit leaves are committed next, and deliveries that are due in the database are claimed', async () => {
  const batches: number[][] = [];
  const told: string[] = [];
  const publisher = new Publisher({
    events: {
      commit: async (batch, _now, _steadyNow, groups = [batch.length]) => {
        batches.push([...groups]);
        const outcomes = batch.slice(0, groups[0]).map(() => 'committed' as const);
        return { outcomes, ready: [], ...(batches.length === 2 && { hasMoreReady: true as const }) };
      },
    },
    now: Date.now,
    steadyNow: Date.now,
    untilRoom: async () => undefined,
    onReady: () => told.push('ready'),
    onMoreReady: () => told.push('more'),
  });
  const published = [publisher.publish(publications(3)), publisher.publish(publications(2))];
  assert.deepEqual(
    (await Promise.all(published)).map(({ length }) => length),
    [3, 2],
  );
  assert.deepEqual(batches, [[3, 2], [2]]);
  assert.deepEqual(told, ['ready', 'ready', 'more']);
});
