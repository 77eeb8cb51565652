import timers from 'node:timers/promises';

/** Milliseconds between two tries of a commit while the disk is full or the database fails. */
export const RETRY_MS = 1_000;

export interface RetryOptions<T> {
  /**
   * Returns the milliseconds until the next try. `null`: there is no next try, and `retry` returns the result
   * of this try or rejects with its error.
   */
  readonly delayAfter: (tried: PromiseSettledResult<T>) => number | null;
  /** An abort of this signal ends the delay between two tries at once. A running try is never interrupted. */
  readonly signal: AbortSignal;
  /** Decides what `retry` does after an abort: it rejects with the signal's reason, or makes one last try. */
  readonly onAbort: 'reject' | 'try-once-more';
}

/**
 * Calls `work` until `delayAfter` returns `null` or `signal` is aborted. Returns the result of the last try,
 * or rejects with its error. `onAbort` decides what happens after an abort.
 */
export async function retry<T>(
  work: () => Promise<T>,
  { delayAfter, signal, onAbort }: RetryOptions<T>,
): Promise<T> {
  for (;;) {
    const isLast = onAbort === 'try-once-more' && signal.aborted;
    const tried = await settle(work);
    const delayMs = delayAfter(tried);
    if (delayMs === null || isLast) return resultOf(tried);
    await timers.setTimeout(delayMs, undefined, { signal }).catch(() => undefined);
    if (onAbort === 'reject') signal.throwIfAborted();
  }
}

/**
 * Returns a function for `RetryOptions.delayAfter`. The function retries every failed try after `delayMs`,
 * and calls `onFailure` with the error of each failed try.
 */
export function retryFailures(
  delayMs: number,
  onFailure: (error: unknown) => void,
): (tried: PromiseSettledResult<unknown>) => number | null {
  return (tried) => {
    if (tried.status === 'fulfilled') return null;
    onFailure(tried.reason);
    return delayMs;
  };
}

export interface RetryUntilCommittedOptions {
  /** Called with the error of every failed try. */
  readonly onFailure: (error: unknown) => void;
  /** After an abort of this signal, there is one last try. */
  readonly signal: AbortSignal;
}

/**
 * Calls `commit` until it succeeds. After an abort of `signal`, makes one last try, and rejects if that try
 * fails.
 */
export function retryUntilCommitted<T>(
  commit: () => Promise<T>,
  { onFailure, signal }: RetryUntilCommittedOptions,
): Promise<T> {
  return retry(commit, { delayAfter: retryFailures(RETRY_MS, onFailure), signal, onAbort: 'try-once-more' });
}

async function settle<T>(work: () => Promise<T>): Promise<PromiseSettledResult<T>> {
  try {
    return { status: 'fulfilled', value: await work() };
  } catch (reason) {
    return { status: 'rejected', reason };
  }
}

function resultOf<T>(tried: PromiseSettledResult<T>): T {
  if (tried.status === 'rejected') throw tried.reason;
  return tried.value;
}
