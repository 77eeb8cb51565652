import type { ChildBounds, ChildEnd } from './child-process.ts';

/** A program to run, as the launcher gets it. `wantsLines`: the lines of its stdout are to be reported. */
export interface LaunchTask {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string | undefined;
  readonly bounds: ChildBounds | undefined;
  readonly wantsLines: boolean;
}

/** A message to the launcher: run a program under this id, or kill the program that runs under this id. */
export type LaunchRequest =
  | { readonly id: number; readonly task: LaunchTask }
  | { readonly id: number; readonly task: null };

/** A message from the launcher: it is ready, or something about the program with this id. */
export type LaunchReport =
  | 'ready'
  | { readonly id: number; readonly lines: readonly string[] }
  | { readonly id: number; readonly end: ChildEnd }
  | { readonly id: number; readonly error: LaunchError };

/** An error for which a program could not be started. */
export interface LaunchError {
  readonly message: string;
  /** Code of the error, or of its cause. `undefined`: the error has no code. */
  readonly code: string | undefined;
}
