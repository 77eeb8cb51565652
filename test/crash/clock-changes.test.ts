import { test } from 'node:test';
import { testSeed } from '../../src/platform/testing/seeded-random.ts';
import { assertKept, MIN_EVENTS_AN_END } from '../support/oracle/assert-kept.ts';
import { runThroughCrashes } from '../support/oracle/crash-run.ts';

/** Number of kills while the clock is set. */
const KILLS = 5;

test('killed while the wall clock is set back and forward: the same holds, and nothing waits for the clock', async (t) => {
  const seed = testSeed();
  t.diagnostic(`CRASH_SEED=${seed}`);
  const run = await runThroughCrashes({
    seed,
    times: KILLS,
    minEventsAnEnd: MIN_EVENTS_AN_END,
    by: 'SIGKILL',
    setsClock: true,
  });
  assertKept(t, run);
});
