import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { type CrashRun, MANY_ENDS } from './crash-run.ts';
import { findViolations, firstRequests } from './delivery-oracle.ts';

/** Minimum number of events for each end of the service: a run with fewer would prove little. */
export const MIN_EVENTS_AN_END = 10;

/** Asserts that a run broke no promise, and that it was under load. */
export function assertKept(t: TestContext, { history, ends, unanswered }: CrashRun): void {
  const { published, requests, resends, pauses, record } = history;
  const accepted = published.filter((event) => event.accepted).length;
  const exhausted = record.filter(({ state }) => state === 'failed').length;
  t.diagnostic(
    `${ends.all} ends, ${ends.starting} of them in a start, ${ends.accepting} right after a 202 and ${ends.seams} at a seam; ` +
      `${accepted} of ${published.length} events accepted, ${unanswered} requests unanswered; ` +
      `${requests.length} requests came, ${requests.length - firstRequests(history)} of them repeats; ` +
      `${exhausted} of ${record.length} deliveries exhausted; ${resends.length} resends, ${pauses.length} pauses`,
  );
  assert.deepEqual(findViolations(history), []);
  assert.ok(accepted >= ends.all * MIN_EVENTS_AN_END, 'it was under load');
  // A few ends are too few for everything to occur.
  if (ends.all >= MANY_ENDS)
    assert.ok(exhausted > 0 && resends.length > 0 && pauses.length > 0, 'all of it occurred');
}
