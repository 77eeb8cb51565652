import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { ReadTurns } from './read-turns.ts';

/** Milliseconds of a processor's time that a step uses. Nothing in this test really uses them. */
const STEP_MS = 10;
/** Milliseconds of a processor's time that an account may use at once, and its share afterwards. */
const BURST_MS = 250;
const SHARE = 1 / 4;

/** Counts the time of a thread when a step ends, or only when the thread has paused after it, as Linux often does. */
const COUNTED = { 'at its end': false, 'after its end': true };

for (const [when, isLate] of Object.entries(COUNTED)) {
  test(`an account gets its share, although the time of a step is counted ${when}`, async () => {
    let counted = 0;
    const turns = new ReadTurns(
      () => () => undefined,
      () => counted,
    );
    let steps = 0;
    const startedAt = performance.now();
    const step = async () => {
      steps += 1;
      if (isLate) setImmediate(() => (counted += STEP_MS));
      else counted += STEP_MS;
    };
    for (let n = 0; n < 900; n += 1) turns.run('a', step);
    await delay(400);
    const [done, ms] = [steps, performance.now() - startedAt];
    const allowed = (BURST_MS + SHARE * ms) / STEP_MS;
    assert.ok(done <= allowed + 1, `${done} steps instead of ${allowed}`);
    assert.ok(done >= BURST_MS / STEP_MS, `${done}`);
    await turns.close();
  });
}

test('an account is not charged for what the thread does long after its step', async () => {
  let counted = 0;
  const turns = new ReadTurns(
    () => () => undefined,
    () => counted,
  );
  const read = () => new Promise<void>((done) => turns.run('a', async () => done()));
  await read();
  // The step has ended when the thread has nothing left to do.
  await delay(1);
  counted += 60_000;
  await read();
  const startedAt = performance.now();
  await read();
  assert.ok(performance.now() - startedAt < 1_000);
  await turns.close();
});
