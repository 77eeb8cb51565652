import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Suspensions } from './suspensions.ts';
import { Machine } from './testing/machine.ts';

const HOUR = 3_600_000;

/** Lets some seconds pass, with the check of each second. */
function pass(machine: Machine, suspensions: Suspensions, seconds: number): void {
  for (let n = 0; n < seconds; n += 1) {
    machine.pass(1_000);
    suspensions.check();
  }
}

test('a suspension counts for what was in progress, and not for what begins later', () => {
  const machine = new Machine();
  const suspensions = new Suspensions(machine.clocks);
  pass(machine, suspensions, 5);
  const before = machine.monotonic;
  assert.equal(suspensions.hasBeenSince(before), false);
  machine.suspend(HOUR);
  machine.pass(10);
  assert.equal(suspensions.hasBeenSince(before), true);
  pass(machine, suspensions, 3);
  assert.deepEqual(
    [before, machine.monotonic].map((at) => suspensions.hasBeenSince(at)),
    [true, false],
  );
});

test('a suspension that only the check of each second noticed counts, too', () => {
  const machine = new Machine();
  const suspensions = new Suspensions(machine.clocks);
  const before = machine.monotonic;
  machine.suspend(HOUR);
  pass(machine, suspensions, 2);
  assert.deepEqual(
    [before, machine.monotonic].map((at) => suspensions.hasBeenSince(at)),
    [true, false],
  );
});

test('neither a clock that is set nor the passing of time is a suspension', () => {
  const machine = new Machine();
  const suspensions = new Suspensions(machine.clocks);
  const before = machine.monotonic;
  for (const byMs of [HOUR, -2 * HOUR, 400, 400]) {
    machine.wall += byMs;
    machine.pass(HOUR);
    assert.equal(suspensions.hasBeenSince(before), false);
  }
});
