import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testSeed } from '../../src/platform/testing/seeded-random.ts';
import { assertKept, MIN_EVENTS_AN_END } from '../support/oracle/assert-kept.ts';
import { runThroughCrashes } from '../support/oracle/crash-run.ts';

/** Number of kills. `script/bench crash` kills 500 times. */
const KILLS = 30;

test('killed under load again and again: nothing is lost, repeats are recognisable, lanes are in order', async (t) => {
  const seed = testSeed();
  t.diagnostic(`CRASH_SEED=${seed}`);
  const run = await runThroughCrashes({
    seed,
    times: KILLS,
    minEventsAnEnd: MIN_EVENTS_AN_END,
    by: 'SIGKILL',
  });
  assertKept(t, run);
  assert.ok(run.ends.starting > 0 && run.ends.accepting > 0);
});
