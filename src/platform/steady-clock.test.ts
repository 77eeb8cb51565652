import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SteadyClock } from './steady-clock.ts';
import { Machine, START } from './testing/machine.ts';

const HOUR = 3_600_000;

test('the steady clock passes evenly while the wall clock is set back and forward', () => {
  const machine = new Machine();
  const clock = new SteadyClock(machine.clocks);
  assert.deepEqual([clock.now(), clock.aheadMs(), clock.check()], [START, 0, null]);
  machine.pass(1_000);
  machine.wall -= HOUR;
  assert.equal(clock.now(), START + 1_000);
  assert.deepEqual(clock.check(), { byMs: -HOUR, suspendedMs: 0 });
  assert.equal(clock.check(), null);
  assert.deepEqual([clock.aheadMs(), clock.toWall(START + HOUR)], [HOUR, START]);
  assert.equal(clock.toWall(null), null);
  machine.pass(1_000);
  machine.wall += 3 * HOUR;
  assert.deepEqual(clock.check(), { byMs: 3 * HOUR, suspendedMs: 0 });
  assert.deepEqual([clock.now(), clock.aheadMs()], [START + 2_000, -2 * HOUR]);
});

test('the steady clock counts the time for which the machine was suspended, and no more', () => {
  const machine = new Machine();
  const clock = new SteadyClock(machine.clocks);
  machine.suspend(8 * HOUR);
  assert.deepEqual(clock.check(), { byMs: 0, suspendedMs: 8 * HOUR });
  assert.deepEqual([clock.now(), clock.aheadMs(), clock.check()], [START + 8 * HOUR, 0, null]);
  machine.suspend(HOUR);
  machine.wall += 2 * HOUR;
  assert.deepEqual(clock.check(), { byMs: 2 * HOUR, suspendedMs: HOUR });
  assert.equal(clock.now(), START + 9 * HOUR);
});

test('a monotonic clock that counts suspensions itself is not corrected', () => {
  const machine = new Machine();
  const clock = new SteadyClock(machine.clocks);
  machine.pass(8 * HOUR);
  assert.equal(clock.check(), null);
  assert.equal(clock.now(), START + 8 * HOUR);
});

test('small corrections of the wall clock do not count', () => {
  const machine = new Machine();
  const clock = new SteadyClock(machine.clocks);
  machine.wall += 400;
  assert.deepEqual([clock.check(), clock.aheadMs(), clock.toWall(START)], [null, 0, START]);
});

test('the settled time follows a jump forward after an hour, and a jump back at once', () => {
  const machine = new Machine();
  const clock = new SteadyClock(machine.clocks);
  machine.wall += 40 * 24 * HOUR;
  assert.equal(clock.settledNow(), START, 'even before the jump was noticed');
  clock.check();
  machine.pass(HOUR - 1);
  assert.equal(clock.settledNow(), START + HOUR - 1);
  machine.pass(1);
  assert.equal(clock.settledNow(), machine.wall);
  machine.wall -= 2 * HOUR;
  assert.equal(clock.settledNow(), machine.wall);
});
