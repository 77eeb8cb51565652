import timers from 'node:timers/promises';

/** Milliseconds between two tries of a commit while the disk is full or the database fails. */
export const RETRY_MS = 1_000;

export interface RetryOptions<T> {
  /** Returns the milliseconds until the next try, or `null`: this try was the last, and its result is the result. */
  readonly delayAfter: (tried: PromiseSettledResult<T>) => number | null;
  /** Aborting it ends a delay at once. A try that is running is never interrupted. */
  readonly signal: AbortSignal;
  /** Decides what follows an abort: the promise rejects with the signal's reason, or there is one last try. */
  readonly onAbort: 'reject' | 'try-once-more';
}

/** Calls `work` until `delayAfter` says that a try was the last. Settles as the last try did. */
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

/** Returns a `delayAfter` that retries every failure after `delayMs`, and reports it to `onFailure` before. */
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
  /** After it is aborted, there is one last try. */
  readonly signal: AbortSignal;
}

/** Calls `commit` until it succeeds. Rejects only if the last try, after an abort, fails too. */
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
