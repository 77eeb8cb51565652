import type { BareLoopResult, BareLoopTask } from '../programs/bare-loop.ts';
import { runProgram } from '../run-program.ts';

/**
 * Runs the bare loop, with which the service is compared. It only sends, to the same receiver in the same run of the
 * benchmark.
 */
export function bareLoop(url: string, by: BareLoopTask['by'] = 'undici'): Promise<BareLoopResult> {
  return runProgram('bare-loop.ts', { url, seconds: 4, inFlight: 64, by } satisfies BareLoopTask);
}
