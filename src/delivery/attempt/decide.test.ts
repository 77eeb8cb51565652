import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RetrySchedule } from '../../domain/webhook.ts';
import { decide, receiverStateOf } from './decide.ts';
import type { Exchange } from './exchange.ts';
import { DEFAULT_RETRY_SCHEDULE } from './retry-policy.ts';

function delivery(attempts: number, attemptsBefore = 0, retrySchedule: RetrySchedule = 'default') {
  return { attempts, attemptsBefore, webhook: { retrySchedule } };
}

function answered(status: number, retryAfter: string | null = null): Exchange {
  return {
    status,
    response: '',
    retryAfter,
    error: null,
    failure: null,
    ownCause: null,
    durationMs: 5,
    isInterrupted: false,
  };
}

function at(endedAt: number) {
  return { schedule: DEFAULT_RETRY_SCHEDULE, endedAt, random: 0 };
}

const noAnswer: Exchange = { ...answered(0), status: null, response: null, error: 'connection refused' };

test('any 2xx acknowledges', () => {
  for (const status of [200, 201, 202, 204, 299]) {
    assert.deepEqual(decide(delivery(0), answered(status), at(0)), { state: 'succeeded' });
  }
});

test('any other answer, including redirects, is retried three times, three seconds apart', () => {
  for (const exchange of [answered(301), answered(404), answered(500), noAnswer]) {
    for (const made of [0, 1, 2]) {
      const verdict = decide(delivery(made), exchange, at(10_000));
      assert.deepEqual(verdict, { state: 'pending', nextAttemptAt: 13_000 });
    }
    assert.deepEqual(decide(delivery(3), exchange, at(10_000)), { state: 'failed' });
  }
});

test('an incomplete 2xx answer does not acknowledge', () => {
  const broken: Exchange = { ...answered(200), error: 'the connection was reset' };
  assert.equal(decide(delivery(0), broken, at(0)).state, 'pending');
});

test('an attempt that a stop interrupted is made again at once, even if the schedule is exhausted', () => {
  const interrupted: Exchange = { ...noAnswer, isInterrupted: true };
  for (const made of [0, 3]) {
    const verdict = decide(delivery(made), interrupted, at(10_000));
    assert.deepEqual(verdict, { state: 'pending', nextAttemptAt: 10_000 });
  }
});

test('a resend starts the schedule again', () => {
  assert.equal(decide(delivery(4, 4), noAnswer, at(0)).state, 'pending');
  assert.equal(decide(delivery(7, 4), noAnswer, at(0)).state, 'failed');
});

test("a webhook's own schedule replaces the default one", () => {
  const own = [1_000, 60_000];
  assert.deepEqual(decide(delivery(1, 0, own), noAnswer, at(10_000)), {
    state: 'pending',
    nextAttemptAt: 70_000,
  });
  assert.deepEqual(decide(delivery(2, 0, own), noAnswer, at(10_000)), { state: 'failed' });
  assert.deepEqual(decide(delivery(0, 0, []), noAnswer, at(10_000)), { state: 'failed' });
});

test('`Retry-After` delays a retry unless the schedule is the default one', () => {
  const dueAfter = (schedule: RetrySchedule, exchange: Exchange, made = 0) => {
    const verdict = decide(delivery(made, 0, schedule), exchange, at(10_000));
    return verdict.state === 'pending' ? verdict.nextAttemptAt - 10_000 : verdict.state;
  };
  assert.equal(dueAfter([1_000], answered(503, '30')), 30_000);
  assert.equal(dueAfter('exponential', answered(429, new Date(70_000).toUTCString())), 60_000);
  assert.equal(dueAfter([60_000], answered(503, '30')), 60_000, 'no sooner than the schedule says');
  assert.equal(dueAfter([1_000], answered(503, 'soon')), 1_000);
  assert.equal(dueAfter([1_000], answered(503, '30'), 1), 'failed', 'it adds no attempt');
  assert.equal(dueAfter('default', answered(503, '30')), 3_000);
});

test('a 410 keeps the delivery pending even if the schedule is exhausted, because it pauses the webhook', () => {
  for (const made of [0, 3]) {
    const verdict = decide(delivery(made), answered(410), at(10_000));
    assert.deepEqual(verdict, { state: 'pending', nextAttemptAt: 10_000 });
  }
});

test('the state of the receiver follows from the exchange', () => {
  assert.equal(receiverStateOf(answered(204)), 'works');
  assert.equal(receiverStateOf(answered(500)), 'fails');
  assert.equal(receiverStateOf(noAnswer), 'fails');
  assert.equal(receiverStateOf(answered(410)), 'gone');
  assert.equal(receiverStateOf({ ...answered(410), error: 'the connection was reset' }), 'fails');
  assert.equal(receiverStateOf({ ...noAnswer, isInterrupted: true }), 'unknown');
});
