import { runChild } from './child-process.ts';

/** Whether a program can be run at all. */
export async function programRuns(path: string, signal: AbortSignal): Promise<boolean> {
  try {
    return (await runChild(path, ['-version'], { signal })).exitCode === 0;
  } catch {
    return false;
  }
}
