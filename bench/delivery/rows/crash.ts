import { testSeed } from '../../../src/platform/testing/seeded-random.ts';
import { runThroughCrashes } from '../../../test/support/oracle/crash-run.ts';
import { findViolations, firstRequests } from '../../../test/support/oracle/delivery-oracle.ts';
import type { Row, RowResult } from '../row.ts';

const KILLS = 500;
/** Maximum number of violations that are printed one by one. `value` counts all of them. */
const SHOWN = 10;

export const crash: Row = {
  name: 'crash',
  measures: `promises broken while the service is killed ${KILLS} times under load (CRASH_SEED=… repeats a run)`,
  goal: '0',
  onlyByName: true,
  run,
};

async function run(): Promise<RowResult> {
  const seed = testSeed();
  const { history, ends, unanswered } = await runThroughCrashes({
    seed,
    times: KILLS,
    minEventsAnEnd: 0,
    by: 'SIGKILL',
  });
  const violations = findViolations(history);
  const { published, requests, resends, pauses, record } = history;
  return {
    value: violations.length,
    holds: violations.length === 0,
    from: {
      seed,
      kills: ends.all,
      'kills in the middle of a start': ends.starting,
      'kills right after a 202': ends.accepting,
      'kills at a seam': ends.seams,
      'events published': published.length,
      'events accepted': published.filter(({ accepted }) => accepted).length,
      'requests to publish without an answer': unanswered,
      'deliveries recorded': record.length,
      'deliveries exhausted': record.filter(({ state }) => state === 'failed').length,
      'requests that reached receivers': requests.length,
      'repeats among them': requests.length - firstRequests(history),
      resends: resends.length,
      pauses: pauses.length,
      ...Object.fromEntries(
        violations.slice(0, SHOWN).map(({ kind, what }, n) => [`violation ${n + 1}`, `${kind}: ${what}`]),
      ),
    },
  };
}
