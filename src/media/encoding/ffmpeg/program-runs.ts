import { type ChildOptions, runChild } from './child-process.ts';

/** Whether a program can be run at all, within the bounds that are set for it. */
export async function programRuns(
  path: string,
  options: Pick<ChildOptions, 'signal' | 'bounds'>,
): Promise<boolean> {
  try {
    return (await runChild(path, ['-version'], options)).exitCode === 0;
  } catch {
    return false;
  }
}
