import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  FAILURES_EXPIRE_AFTER_MS,
  FAILURES_TO_OPEN,
  FIRST_INTERVAL_MS,
  isUnanswered,
  MAX_INTERVAL_MS,
} from './circuit.ts';
import { Circuits } from './circuits.ts';

const T0 = 1_000_000;
const TIMEOUT_MS = 10_000;

function opened(webhookId = 'w'): Circuits {
  const circuits = new Circuits();
  fail(circuits, FAILURES_TO_OPEN, webhookId);
  return circuits;
}

/** Fails `count` attempts. @returns how many of them opened the circuit */
function fail(circuits: Circuits, count: number, webhookId = 'w', at = T0): number {
  return Array.from({ length: count }, () =>
    circuits.unanswered(webhookId, { at, durationMs: TIMEOUT_MS }),
  ).filter(Boolean).length;
}

test('ten unanswered attempts in a row open a circuit, once, and an answer resets the count', () => {
  const circuits = new Circuits();
  assert.equal(fail(circuits, FAILURES_TO_OPEN - 1), 0);
  assert.equal(circuits.answered('w'), false);
  assert.equal(fail(circuits, FAILURES_TO_OPEN - 1), 0);
  assert.deepEqual([circuits.of('w').state, circuits.maxInFlight('w')], ['closed', Number.POSITIVE_INFINITY]);
  assert.equal(fail(circuits, 5), 1);
  const { state, since, probeAt } = circuits.of('w');
  assert.deepEqual([state, since, probeAt], ['open', T0, T0 + FIRST_INTERVAL_MS]);
  assert.deepEqual([circuits.maxInFlight('w'), circuits.maxInFlight('other')], [0, Number.POSITIVE_INFINITY]);
});

test('the default schedule of one or two deliveries does not open a circuit', () => {
  assert.equal(fail(new Circuits(), 8), 0);
});

test('after its interval a circuit sends one probe at a time; an unanswered probe doubles the interval up to its maximum', () => {
  const circuits = opened();
  const intervals: number[] = [];
  let now = T0;
  for (let probe = 0; probe < 8; probe += 1) {
    const at = circuits.nextChangeAt ?? assert.fail('nothing is to be probed');
    assert.deepEqual(circuits.advance(at - 1), []);
    assert.deepEqual(circuits.advance(at), ['w']);
    assert.deepEqual([circuits.of('w').state, circuits.maxInFlight('w')], ['half_open', 1]);
    intervals.push(at - now);
    circuits.attemptStarted('w');
    now = at + TIMEOUT_MS;
    assert.equal(circuits.unanswered('w', { at: now, durationMs: TIMEOUT_MS }), false);
    assert.deepEqual([circuits.of('w').state, circuits.of('w').since], ['open', T0]);
  }
  assert.deepEqual(
    intervals,
    [1, 2, 4, 8, 16, 32, 60, 60].map((seconds) => seconds * 1_000),
  );
  assert.equal(intervals.at(-1), MAX_INTERVAL_MS);
});

test('requests that were in flight when a circuit opened do not count as probes, but an answer closes it', () => {
  const circuits = opened();
  fail(circuits, 3);
  assert.equal(circuits.of('w').probeAt, T0 + FIRST_INTERVAL_MS);
  circuits.advance(T0 + FIRST_INTERVAL_MS);
  fail(circuits, 3);
  assert.equal(circuits.of('w').state, 'half_open');
  assert.equal(circuits.answered('w'), true);
  assert.equal(circuits.of('w').state, 'closed');
});

test('an answered probe closes a circuit, and it starts with the first interval when it opens again', () => {
  const circuits = opened();
  circuits.advance(T0 + FIRST_INTERVAL_MS);
  circuits.attemptStarted('w');
  circuits.unanswered('w', { at: T0, durationMs: TIMEOUT_MS });
  circuits.advance(T0 + MAX_INTERVAL_MS);
  assert.equal(circuits.answered('w'), true);
  assert.equal(fail(circuits, FAILURES_TO_OPEN), 1);
  assert.equal(circuits.of('w').probeAt, T0 + FIRST_INTERVAL_MS);
});

test('answered webhooks cost no memory, failures expire, and open circuits stay', () => {
  const circuits = new Circuits();
  circuits.answered('answered');
  fail(circuits, 1, 'answered');
  circuits.answered('answered');
  assert.equal(circuits.nextChangeAt, null);
  fail(circuits, FAILURES_TO_OPEN - 1, 'once');
  fail(circuits, FAILURES_TO_OPEN, 'open');
  circuits.advance(T0 + FAILURES_EXPIRE_AFTER_MS);
  assert.equal(circuits.lastFailureMs('once'), 0);
  assert.equal(fail(circuits, 1, 'once', T0 + FAILURES_EXPIRE_AFTER_MS), 0);
  assert.deepEqual(circuits.counts, { open: 0, halfOpen: 1 });
});

test('the counts are right, and each circuit is probed at its own time', () => {
  const circuits = new Circuits();
  for (const [n, webhookId] of ['a', 'b', 'c'].entries())
    fail(circuits, FAILURES_TO_OPEN, webhookId, T0 + n * 10);
  assert.deepEqual(circuits.counts, { open: 3, halfOpen: 0 });
  assert.deepEqual(circuits.advance(T0 + FIRST_INTERVAL_MS + 10), ['a', 'b']);
  assert.deepEqual(circuits.counts, { open: 1, halfOpen: 2 });
  assert.deepEqual([circuits.reset('a'), circuits.reset('c'), circuits.reset('c')], [true, true, false]);
  assert.deepEqual([circuits.counts, [...circuits.tripped]], [{ open: 0, halfOpen: 1 }, ['b']]);
  assert.equal(circuits.nextChangeAt, null);
});

test('no answer, or half of one at the time limit, is unanswered; a 500 or a broken answer is not', () => {
  const attempt = (status: number | null, error: string | null, durationMs: number) =>
    isUnanswered(
      { number: 1, at: T0, response: null, status, error, durationMs, revision: null },
      TIMEOUT_MS,
    );
  assert.ok(attempt(null, 'the connection was refused', 1));
  assert.ok(attempt(200, 'the receiver did not end its answer within 10 s', TIMEOUT_MS - 2));
  assert.ok(!attempt(500, 'the receiver answered 500', 3));
  assert.ok(!attempt(200, 'the receiver closed the connection before its answer was complete', 3));
  assert.ok(!attempt(200, null, TIMEOUT_MS - 2));
});
