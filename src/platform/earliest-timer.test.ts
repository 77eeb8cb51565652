import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { EarliestTimer } from './earliest-timer.ts';

function setUp(t: TestContext) {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 0 });
  const calledAt: number[] = [];
  const timer = new EarliestTimer({ now: Date.now, onTime: () => calledAt.push(Date.now()) });
  return { timer, calledAt };
}

test('of several times that are set, the earliest counts, once', (t) => {
  const { timer, calledAt } = setUp(t);
  for (const at of [500, 200, 300]) timer.set(at);
  t.mock.timers.tick(199);
  assert.deepEqual(calledAt, []);
  t.mock.timers.tick(801);
  assert.deepEqual(calledAt, [1_000]);
});

test('a timer can be set again after it has fired, and a time in the past fires at once', (t) => {
  const { timer, calledAt } = setUp(t);
  timer.set(100);
  t.mock.timers.tick(100);
  timer.set(50);
  t.mock.timers.tick(1);
  assert.equal(calledAt.length, 2);
});

test('a cleared timer does not fire, and can be set to a later time', (t) => {
  const { timer, calledAt } = setUp(t);
  timer.set(100);
  timer.clear();
  t.mock.timers.tick(100);
  assert.deepEqual(calledAt, []);
  timer.set(200);
  t.mock.timers.tick(100);
  assert.equal(calledAt.length, 1);
});

test('a time further away than a timer reaches does not fire at once', (t) => {
  const { timer, calledAt } = setUp(t);
  timer.set(2 ** 40);
  t.mock.timers.tick(1_000_000);
  assert.deepEqual(calledAt, []);
});
