import timers from 'node:timers/promises';

/** While the disk is full or the database fails, the same is tried again so often. */
export const RETRY_MS = 1_000;

export interface RetryUntilCommittedOptions {
  /** Told of every failure. */
  readonly onFailure: (error: unknown) => void;
  /** Once aborted, there is one last try. */
  readonly signal: AbortSignal;
}

/** Tries `commit` until it fulfils. Rejects only when its last try, at a stop, fails too. */
export async function retryUntilCommitted<T>(
  commit: () => Promise<T>,
  { onFailure, signal }: RetryUntilCommittedOptions,
): Promise<T> {
  for (;;) {
    const isLast = signal.aborted;
    try {
      return await commit();
    } catch (error) {
      onFailure(error);
      if (isLast) throw error;
      await timers.setTimeout(RETRY_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}
