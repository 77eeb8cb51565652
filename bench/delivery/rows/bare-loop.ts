import type { BareLoopResult, BareLoopTask } from '../programs/bare-loop.ts';
import { runProgram } from '../run-program.ts';

/** The comparison for the service: undici and nothing else, to the same receiver, in the same run. */
export function bareLoop(url: string): Promise<BareLoopResult> {
  return runProgram('bare-loop.ts', { url, seconds: 4, inFlight: 64 } satisfies BareLoopTask);
}
