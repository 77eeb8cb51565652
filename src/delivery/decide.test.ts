import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decide } from './decide.ts';
import { DEFAULT_RETRY_SCHEDULE } from './retry-policy.ts';
import type { Exchange } from './sender.ts';

function delivery(attempts: number, attemptsBefore = 0) {
  return { attempts, attemptsBefore };
}

function answered(status: number): Exchange {
  return { status, response: '', error: null, failure: null, durationMs: 5, isInterrupted: false };
}

const noAnswer: Exchange = { ...answered(0), status: null, response: null, error: 'connection refused' };

test('any 2xx acknowledges', () => {
  for (const status of [200, 201, 202, 204, 299]) {
    assert.deepEqual(decide(delivery(0), answered(status), DEFAULT_RETRY_SCHEDULE, 0), {
      state: 'succeeded',
    });
  }
});

test('all else, redirects among it, is tried again three times, three seconds apart', () => {
  for (const exchange of [answered(301), answered(404), answered(410), answered(500), noAnswer]) {
    for (const made of [0, 1, 2]) {
      const verdict = decide(delivery(made), exchange, DEFAULT_RETRY_SCHEDULE, 10_000);
      assert.deepEqual(verdict, { state: 'pending', nextAttemptAt: 13_000 });
    }
    assert.deepEqual(decide(delivery(3), exchange, DEFAULT_RETRY_SCHEDULE, 10_000), { state: 'failed' });
  }
});

test('a 2xx whose answer broke off does not acknowledge', () => {
  const broken: Exchange = { ...answered(200), error: 'the connection was reset' };
  assert.equal(decide(delivery(0), broken, DEFAULT_RETRY_SCHEDULE, 0).state, 'pending');
});

test('an attempt that our own stop cut short is made again at once, even after the last of the schedule', () => {
  const interrupted: Exchange = { ...noAnswer, isInterrupted: true };
  for (const made of [0, 3]) {
    const verdict = decide(delivery(made), interrupted, DEFAULT_RETRY_SCHEDULE, 10_000);
    assert.deepEqual(verdict, { state: 'pending', nextAttemptAt: 10_000 });
  }
});

test('a resend has a whole schedule of its own', () => {
  assert.equal(decide(delivery(4, 4), noAnswer, DEFAULT_RETRY_SCHEDULE, 0).state, 'pending');
  assert.equal(decide(delivery(7, 4), noAnswer, DEFAULT_RETRY_SCHEDULE, 0).state, 'failed');
});
