import type { StorageHarness } from '../support/harness.ts';
import { testClaims } from './claims.ts';
import { testDue } from './due.ts';
import { testLanes } from './lanes.ts';
import { testOwners } from './owners.ts';
import { testPausing } from './pausing.ts';
import { testSteadyClock } from './steady-clock.ts';

/** Tests every obligation of the contract in src/storage/contracts/queue.ts. */
export function testQueue(harness: StorageHarness): void {
  testClaims(harness);
  testDue(harness);
  testOwners(harness);
  testLanes(harness);
  testPausing(harness);
  testSteadyClock(harness);
}
