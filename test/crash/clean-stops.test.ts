import { test } from 'node:test';
import { testSeed } from '../../src/platform/testing/seeded-random.ts';
import { assertKept, MIN_EVENTS_AN_END } from '../support/oracle/assert-kept.ts';
import { runThroughCrashes } from '../support/oracle/crash-run.ts';

/** Number of clean stops. */
const STOPS = 6;

test('stopped cleanly under load again and again: no request is made twice', async (t) => {
  const seed = testSeed();
  t.diagnostic(`CRASH_SEED=${seed}`);
  const run = await runThroughCrashes({
    seed,
    times: STOPS,
    minEventsAnEnd: MIN_EVENTS_AN_END,
    by: 'SIGTERM',
  });
  assertKept(t, run);
});
