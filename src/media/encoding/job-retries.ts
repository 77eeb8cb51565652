import type { Logger } from '../../logging/logger.ts';
import { retry } from '../../platform/retry.ts';
import { type Failure, failure, outcomeOfError } from './ffmpeg/failures.ts';
import { StorageRefused } from './storage-refused.ts';

/** Delays between the tries of an operation that the machine refuses at present. */
export interface RetryDelays {
  /** Milliseconds before the first retry. Each further delay is twice as long. */
  readonly firstMs: number;
  /** Maximum milliseconds before a retry. */
  readonly mostMs: number;
}

/**
 * Delays in production. Most troubles end within seconds. If one lasts for hours, a try once a minute costs
 * nothing.
 */
export const RETRY_DELAYS: RetryDelays = { firstMs: 1_000, mostMs: 60_000 };
/**
 * Maximum number of times that an encoder is started for one output, if another program or the kernel kills
 * the encoder each time. The kernel does so, for example, when the machine lacks memory.
 */
const MAX_STARTS = 3;

const STORAGE_REFUSES = failure('refused', 'the database cannot store the progress at the moment');

export interface RetryContext {
  readonly mediaId: string;
  /** Aborting this signal ends all retries. The reason of the signal is then thrown. */
  readonly signal: AbortSignal;
  readonly logger: Logger;
  readonly retryDelays: RetryDelays;
}

/**
 * Runs `work` until its outcome is final. As long as the trouble is ours (the storage or the disk fails, the
 * disk is full, too many files are open), `work` is run again after a delay. If another program or the kernel
 * killed the encoder, it is run again too, but at most `MAX_STARTS` times in a row.
 */
export async function retryUntilFinal<Result extends { readonly ok: true }>(
  { mediaId, signal, logger, retryDelays }: RetryContext,
  work: () => Promise<Result | Failure>,
): Promise<Result | Failure> {
  let starts = 0;
  const nextDelay = growing(retryDelays);
  const delayAfter = (tried: PromiseSettledResult<Tried<Result>>): number | null => {
    if (tried.status === 'rejected' || signal.aborted) return null;
    const { outcome, error } = tried.value;
    starts += 1;
    if (outcome.ok || !isRetried(outcome, starts)) return null;
    if (outcome.kind !== 'killed') starts = 0;
    const delayMs = nextDelay();
    logger.warn({ err: error, media: mediaId, reason: outcome.reason, delayMs }, 'encoding is retried');
    return delayMs;
  };
  const { outcome } = await retry(() => trying(work), { delayAfter, signal, onAbort: 'reject' });
  signal.throwIfAborted();
  return outcome;
}

/** Calls the storage, or writes files, until this succeeds. Waits as `retryUntilFinal` does. */
export function retryWhileRefused<T>(
  { mediaId, signal, logger, retryDelays }: RetryContext,
  work: () => Promise<T>,
): Promise<T> {
  const nextDelay = growing(retryDelays);
  const delayAfter = (tried: PromiseSettledResult<T>): number | null => {
    if (tried.status === 'fulfilled' || signal.aborted || !isOurTrouble(tried.reason)) return null;
    const delayMs = nextDelay();
    logger.warn(
      { err: tried.reason, media: mediaId, delayMs },
      'a step could not be stored yet; encoding will retry',
    );
    return delayMs;
  };
  return retry(work, { delayAfter, signal, onAbort: 'reject' });
}

interface Tried<Result> {
  readonly outcome: Result | Failure;
  /** Error from which the outcome was made. */
  readonly error?: unknown;
}

async function trying<Result>(work: () => Promise<Result | Failure>): Promise<Tried<Result>> {
  try {
    return { outcome: await work() };
  } catch (error) {
    return { outcome: outcomeOfTrouble(error), error };
  }
}

function isRetried({ kind }: Failure, starts: number): boolean {
  if (kind === 'failed' || kind === 'aborted') return false;
  return kind !== 'killed' || starts < MAX_STARTS;
}

/** Returns the failure for an error that is our trouble. Throws any other error again. */
function outcomeOfTrouble(error: unknown): Failure {
  return error instanceof StorageRefused ? STORAGE_REFUSES : outcomeOfError(error);
}

function isOurTrouble(error: unknown): boolean {
  try {
    outcomeOfTrouble(error);
    return true;
  } catch {
    return false;
  }
}

function growing({ firstMs, mostMs }: RetryDelays): () => number {
  let nextMs = firstMs;
  return () => {
    const delayMs = Math.min(nextMs, mostMs);
    nextMs = delayMs * 2;
    return delayMs;
  };
}
