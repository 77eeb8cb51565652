import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededRandom, testSeed } from '../../../platform/testing/seeded-random.ts';
import { UnwrittenDeliveries, type UnwrittenDelivery } from './unwritten-deliveries.ts';

function delivery(seq: number, webhookSeq: number, lane: number): UnwrittenDelivery {
  const event = { seq, userId: 'u', type: 'file.received', lane } as const;
  return { seq, event, webhookSeq, createdAt: 0, state: 'waiting', dueAt: 0, next: null };
}

/** Returns everything that can be seen of the deliveries. */
function seen(unwritten: UnwrittenDeliveries) {
  const all = unwritten.inOrder();
  return {
    dueCount: unwritten.dueCount,
    lanes: all.map(({ seq, webhookSeq, event, state, dueAt }) => {
      const lane: number[] = [];
      for (let at = unwritten.firstOf(webhookSeq, event.lane) ?? null; at; at = at.next) lane.push(at.seq);
      return [seq, state, dueAt, unwritten.get(seq)?.seq, unwritten.hasLane(webhookSeq, event.lane), ...lane];
    }),
  };
}

test('a lane has its deliveries in order, and only its first one can be removed', () => {
  const unwritten = new UnwrittenDeliveries();
  const [one, two, other] = [delivery(1, 7, 3), delivery(2, 7, 3), delivery(3, 8, 3)];
  for (const each of [one, two, other]) unwritten.add(each);
  assert.equal(unwritten.firstOf(7, 3), one);
  assert.throws(() => unwritten.remove(two), /the delivery 2 is not the first of its lane/);
  unwritten.makeReady(one, 'due', 50);
  assert.equal(unwritten.dueCount, 1);
  unwritten.remove(one);
  assert.deepEqual([unwritten.dueCount, unwritten.size], [0, 2]);
  assert.equal(unwritten.firstOf(7, 3), two);
  unwritten.remove(two);
  assert.equal(unwritten.hasLane(7, 3), false);
  assert.equal(unwritten.hasLane(8, 3), true);
});

test('whatever was changed since a mark is undone exactly', (t) => {
  const seed = testSeed();
  t.diagnostic(`SEED=${seed}`);
  const random = seededRandom(seed);
  const below = (n: number) => Math.floor(random() * n);
  for (let round = 0; round < 50; round += 1) {
    const unwritten = new UnwrittenDeliveries();
    let seq = 0;
    const change = () => {
      const firsts = unwritten
        .inOrder()
        .filter((each) => unwritten.firstOf(each.webhookSeq, each.event.lane) === each);
      const first = firsts[below(firsts.length)];
      const kind = below(5);
      if (kind < 2 || !first) unwritten.add(delivery(++seq, below(3), below(3)));
      else if (kind === 2) unwritten.makeReady(first, random() < 0.5 ? 'due' : 'claimed', below(99));
      else unwritten.remove(first);
    };
    for (let n = below(20); n > 0; n -= 1) change();
    unwritten.begin();
    const states = [{ mark: unwritten.mark, state: seen(unwritten) }];
    for (let n = 0; n < 30; n += 1) {
      change();
      states.push({ mark: unwritten.mark, state: seen(unwritten) });
    }
    for (const { mark, state } of states.toReversed()) {
      unwritten.undoTo(mark);
      assert.deepEqual(seen(unwritten), state);
    }
  }
});
