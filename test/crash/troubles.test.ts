import { test } from 'node:test';
import { testSeed } from '../../src/platform/testing/seeded-random.ts';
import { assertKept, MIN_EVENTS_AN_END } from '../support/oracle/assert-kept.ts';
import { runThroughCrashes } from '../support/oracle/crash-run.ts';
import { troubles } from '../support/oracle/troubles.ts';

test('it meets locks, I/O errors and shortages under load: nothing is lost, repeated or given up for them', async (t) => {
  const seed = testSeed();
  t.diagnostic(`CRASH_SEED=${seed}`);
  const met = troubles();
  t.diagnostic(met.map(({ name }) => name).join('; '));
  const run = await runThroughCrashes({
    seed,
    times: met.length,
    minEventsAnEnd: MIN_EVENTS_AN_END,
    by: 'trouble',
  });
  assertKept(t, run);
});
