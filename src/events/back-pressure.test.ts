import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { eventually } from '../platform/testing/eventually.ts';
import { BackPressure, loopUtilization } from './back-pressure.ts';

function setUp(t: TestContext, state: { held: number; utilization: number }) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const pressure = new BackPressure({
    buffered: () => state.held,
    highWater: 100,
    utilization: () => state.utilization,
  });
  let isOpen = false;
  const opened = pressure.untilRoom().then(() => {
    isOpen = true;
  });
  /** Advances the mocked clock. */
  const pass = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 10) {
      await new Promise((resolve) => setImmediate(resolve));
      t.mock.timers.tick(10);
    }
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { opened, pass, isOpen: () => isOpen };
}

test('intake waits while a busy thread has many deliveries buffered, until there is room', async (t) => {
  const state = { held: 101, utilization: 0.95 };
  const { pass, isOpen } = setUp(t, state);
  await pass(50);
  assert.equal(isOpen(), false);
  state.held = 100;
  await pass(10);
  assert.equal(isOpen(), true);
});

test('intake never waits longer than a tenth of a second', async (t) => {
  const { pass, isOpen } = setUp(t, { held: 20_000, utilization: 1 });
  await pass(90);
  assert.equal(isOpen(), false);
  await pass(10);
  assert.equal(isOpen(), true);
});

test('deliveries that wait for slow receivers do not slow intake down, because the thread is not busy', async (t) => {
  const { opened } = setUp(t, { held: 20_000, utilization: 0.5 });
  await opened;
});

test('a busy thread alone does not slow intake down', async (t) => {
  const { opened } = setUp(t, { held: 5, utilization: 1 });
  await opened;
});

test('the utilization of a busy thread is near 1, and of a waiting thread near 0', async () => {
  const utilization = loopUtilization();
  utilization();
  const until = performance.now() + 50;
  while (performance.now() < until);
  assert.ok(utilization() > 0.9);
  // A process that gets no CPU time for a moment appears busy meanwhile. A busy process never appears to wait.
  await eventually('it waits', async () => utilization() < 0.5);
});
