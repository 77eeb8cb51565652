import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type Deadline, Deadlines } from './deadlines.ts';
import { ListNode } from './linked-list.ts';

const AFTER_MS = 100;

class Noted implements Deadline {
  deadlineAt = 0;
  readonly deadlineNode: ListNode<Deadline> = new ListNode<Deadline>(this);
  readonly onDeadline: () => void;

  constructor(onDeadline: () => void) {
    this.onDeadline = onDeadline;
  }
}

/** Sets up deadlines on a mocked clock. `timers` has the delay of each timer that was set. */
function setUp(t: TestContext, afterMs = AFTER_MS) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let now = 0;
  const fired: [name: string, at: number][] = [];
  const timers: number[] = [];
  const { setTimeout: mocked } = globalThis;
  t.mock.method(globalThis, 'setTimeout', (callback: () => void, ms: number) => {
    timers.push(ms);
    return mocked(callback, ms);
  });
  const deadlines = new Deadlines({ afterMs, now: () => now });
  const named = (name: string) => new Noted(() => fired.push([name, now]));
  /** Lets time pass, a millisecond at a time. `jump` moves the clock alone, as if timers fired too late or too early. */
  const pass = (ms: number) => {
    for (let n = 0; n < ms; n += 1) {
      now += 1;
      t.mock.timers.tick(1);
    }
  };
  return { deadlines, fired, timers, named, pass, jump: (ms: number) => (now += ms) };
}

test('each deadline fires at its own time, the earliest first, and once', (t) => {
  const { deadlines, fired, named, pass } = setUp(t);
  deadlines.set(named('a'));
  pass(30);
  deadlines.set(named('b'));
  deadlines.set(named('c'));
  pass(1_000);
  assert.deepEqual(fired, [
    ['a', 100],
    ['b', 130],
    ['c', 130],
  ]);
});

test('a cleared deadline does not fire, and the others still fire at their times', (t) => {
  const { deadlines, fired, named, pass } = setUp(t);
  const [a, b, c] = [named('a'), named('b'), named('c')];
  for (const deadline of [a, b]) deadlines.set(deadline);
  pass(50);
  deadlines.set(c);
  deadlines.clear(a);
  deadlines.clear(b);
  deadlines.clear(b);
  pass(1_000);
  assert.deepEqual(fired, [['c', 150]]);
});

test('a deadline can be set again after it was cleared or has fired, but not twice at once', (t) => {
  const { deadlines, fired, named, pass } = setUp(t);
  const a = named('a');
  deadlines.set(a);
  assert.throws(() => deadlines.set(a));
  deadlines.clear(a);
  pass(250);
  deadlines.set(a);
  pass(250);
  deadlines.set(a);
  pass(250);
  assert.deepEqual(fired, [
    ['a', 350],
    ['a', 600],
  ]);
});

test('a deadline may set and clear others while it fires', (t) => {
  const { deadlines, fired, named, pass } = setUp(t);
  const [next, cleared] = [named('next'), named('cleared')];
  deadlines.set(
    new Noted(() => {
      deadlines.clear(cleared);
      deadlines.set(next);
    }),
  );
  deadlines.set(cleared);
  pass(1_000);
  assert.deepEqual(fired, [['next', 200]]);
});

test('thousands of deadlines that are set and cleared need one timer in the time of one deadline', (t) => {
  const { deadlines, fired, timers, named, pass } = setUp(t);
  for (let n = 0; n < AFTER_MS * 10; n += 1) {
    const many = Array.from({ length: 10 }, () => named('cleared'));
    for (const deadline of many) deadlines.set(deadline);
    pass(1);
    for (const deadline of many) deadlines.clear(deadline);
  }
  assert.ok(timers.length <= 11, `${timers.length} timers`);
  pass(1_000);
  assert.ok(timers.length <= 11, 'no timer is set while no deadline is');
  assert.deepEqual(fired, []);
});

test('the time of a deadline that was set when the timer has fired late is as exact as that of others', (t) => {
  const { deadlines, fired, named, pass, jump } = setUp(t);
  deadlines.set(named('a'));
  // The event loop is busy, so that the timer fires late.
  jump(250);
  deadlines.set(named('b'));
  pass(500);
  assert.deepEqual(fired[1], ['b', 350]);
});

test('a timer that fires a little too early does not end anything too early', (t) => {
  const { deadlines, fired, timers, named, pass, jump } = setUp(t);
  deadlines.set(named('a'));
  jump(-0.4);
  pass(101);
  assert.deepEqual(timers, [100, 1]);
  assert.equal(fired.length, 1);
  assert.ok((fired[0]?.[1] ?? 0) >= 100);
});

test('a jump of the wall clock changes nothing, because deadlines are measured by another clock', async (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: 1_000_000 });
  const deadlines = new Deadlines({ afterMs: 20, now: () => performance.now() });
  const startedAt = performance.now();
  // The timer of deadlines keeps no process alive.
  const alive = setTimeout(() => undefined, 10_000);
  const firedAt = await new Promise<number>((resolve) => {
    deadlines.set(new Noted(() => resolve(performance.now())));
    t.mock.timers.setTime(90_000_000);
    t.mock.timers.setTime(5);
  });
  clearTimeout(alive);
  assert.ok(firedAt - startedAt >= 20 && firedAt - startedAt < 1_000);
});
