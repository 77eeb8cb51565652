import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TimeShare } from './time-share.ts';

const T0 = 1_000;

test('an owner may use its burst at once, and then its share of the time', () => {
  const used = new TimeShare<string>({ share: 1 / 4, burstMs: 100 });
  used.charge('a', 100, T0);
  assert.equal(used.untilAllowedMs('a', T0), 0);
  used.charge('a', 10, T0);
  assert.equal(used.untilAllowedMs('a', T0), 40);
  assert.equal(used.untilAllowedMs('a', T0 + 39), 1);
  assert.equal(used.untilAllowedMs('a', T0 + 40), 0);
  assert.equal(used.untilAllowedMs('b', T0), 0);
});

test('time that an owner has not used is not saved up beyond the burst', () => {
  const used = new TimeShare<string>({ share: 1 / 2, burstMs: 100 });
  used.charge('a', 10, T0);
  assert.equal(used.paidAt('a', T0), T0 + 20);
  assert.equal(used.paidAt('a', T0 + 10_000), T0 + 10_000);
  used.charge('a', 101, T0 + 10_000);
  assert.equal(used.untilAllowedMs('a', T0 + 10_000), 2);
});
