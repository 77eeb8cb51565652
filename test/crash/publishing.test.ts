import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { testSeed } from '../../src/platform/testing/seeded-random.ts';
import { type CrashRun, runThroughCrashes } from '../support/oracle/crash-run.ts';
import { findViolations, firstRequests } from '../support/oracle/delivery-oracle.ts';

/** Number of kills. `script/bench crash` kills 200 times. */
const KILLS = 30;
const STOPS = 6;
/** Number of kills while the clock is set. */
const CLOCK_KILLS = 5;

/** Minimum number of events for each end of the service: a run with fewer would prove little. */
const MIN_EVENTS_AN_END = 10;

function assertKept(t: TestContext, { history, ends, unanswered }: CrashRun): void {
  const { published, requests, resends, pauses, record } = history;
  const accepted = published.filter((event) => event.accepted).length;
  const exhausted = record.filter(({ state }) => state === 'failed').length;
  t.diagnostic(
    `${ends.all} ends, ${ends.starting} of them in a start and ${ends.accepting} right after a 202; ` +
      `${accepted} of ${published.length} events accepted, ${unanswered} requests unanswered; ` +
      `${requests.length} requests came, ${requests.length - firstRequests(history)} of them repeats; ` +
      `${exhausted} of ${record.length} deliveries exhausted; ${resends.length} resends, ${pauses.length} pauses`,
  );
  assert.deepEqual(findViolations(history), []);
  assert.ok(accepted >= ends.all * MIN_EVENTS_AN_END, 'it was under load');
  // A few ends are too few for everything to occur.
  if (ends.all >= STOPS)
    assert.ok(exhausted > 0 && resends.length > 0 && pauses.length > 0, 'all of it occurred');
}

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

test('killed while the wall clock is set back and forward: the same holds, and nothing waits for the clock', async (t) => {
  const seed = testSeed();
  t.diagnostic(`CRASH_SEED=${seed}`);
  const run = await runThroughCrashes({
    seed,
    times: CLOCK_KILLS,
    minEventsAnEnd: MIN_EVENTS_AN_END,
    by: 'SIGKILL',
    setsClock: true,
  });
  assertKept(t, run);
});

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
