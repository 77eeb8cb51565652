import { ServiceError } from '../../domain/errors.ts';
import type { Logger } from '../../logging/logger.ts';
import { retry } from '../../platform/retry.ts';
import { isExhausted, isNoSpace } from '../../platform/system-errors.ts';
import { type Failure, type Outcome, outcomeOfError } from './ffmpeg/failures.ts';

/**
 * Production value of the delay in milliseconds before a refused operation is tried again. An operation is
 * refused while the disk is full, while too many events wait to be stored, or while no more files can be
 * opened.
 */
export const REFUSED_RETRY_MS = 5_000;
/**
 * Maximum number of times that an encoder is started for one output, if another program or the kernel kills
 * the encoder each time. The kernel does so, for example, when the machine lacks memory.
 */
const MAX_STARTS = 3;

export interface RetryContext {
  readonly mediaId: string;
  /** Aborting this signal ends all retries. The reason of the signal is then thrown. */
  readonly signal: AbortSignal;
  readonly logger: Logger;
  /** Delay in milliseconds before an operation that was refused for a temporary reason is tried again. */
  readonly refusedRetryMs: number;
}

/**
 * Runs `work` until its outcome is final. While the disk is full or too many files are open, waits
 * `refusedRetryMs` before each retry. If another program or the kernel killed the encoder, runs `work` again
 * at once, but at most `MAX_STARTS` times in a row.
 */
export async function retryUntilFinal<Result extends Outcome>(
  { mediaId, signal, logger, refusedRetryMs }: RetryContext,
  work: () => Promise<Result | Failure>,
): Promise<Result | Failure> {
  let starts = 0;
  const delayAfter = (tried: PromiseSettledResult<Result | Failure>): number | null => {
    if (tried.status === 'rejected' || signal.aborted) return null;
    starts += 1;
    const outcome = tried.value;
    if (outcome.ok || outcome.kind === 'failed') return null;
    if (outcome.kind === 'killed' && starts >= MAX_STARTS) return null;
    logger.warn({ media: mediaId, reason: outcome.reason }, 'encoding is retried');
    if (outcome.kind !== 'no-space' && outcome.kind !== 'exhausted') return 0;
    starts = 0;
    return refusedRetryMs;
  };
  // If the disk of the database is full, `work` throws. The error is converted into the same outcome as a
  // full disk of the media.
  const outcome = await retry(() => work().catch(outcomeOfError), { delayAfter, signal, onAbort: 'reject' });
  signal.throwIfAborted();
  return outcome;
}

/**
 * Runs `work`, and repeats `work` after a delay while it is refused for a temporary reason: a full disk, an
 * overloaded service, or too many open files.
 */
export function retryWhileRefused<T>(
  { mediaId, signal, logger, refusedRetryMs }: RetryContext,
  work: () => Promise<T>,
): Promise<T> {
  const delayAfter = (tried: PromiseSettledResult<T>): number | null => {
    if (tried.status === 'fulfilled' || !isTemporary(tried.reason)) return null;
    logger.warn({ err: tried.reason, media: mediaId }, 'a step could not be stored yet; encoding will retry');
    return refusedRetryMs;
  };
  return retry(work, { delayAfter, signal, onAbort: 'reject' });
}

function isTemporary(error: unknown): boolean {
  const isOverloaded = error instanceof ServiceError && error.code === 'overloaded';
  return isOverloaded || isNoSpace(error) || isExhausted(error);
}
