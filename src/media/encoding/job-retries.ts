import { ServiceError } from '../../domain/errors.ts';
import type { Logger } from '../../logging/logger.ts';
import { retry } from '../../platform/retry.ts';
import { isExhausted, isNoSpace } from '../../platform/system-errors.ts';
import { type Failure, type Outcome, outcomeOfError } from './ffmpeg/failures.ts';

/**
 * Milliseconds until the next try in production, while the disk is full, too many events wait to be stored, or no more
 * files can be opened.
 */
export const REFUSED_RETRY_MS = 5_000;
/** Maximum starts of an encoder that something outside kills, for example because the machine lacks memory. */
const MAX_STARTS = 3;

export interface RetryContext {
  readonly mediaId: string;
  /** Aborting it ends all retries. Its reason is then thrown. */
  readonly signal: AbortSignal;
  readonly logger: Logger;
  /** Milliseconds until the next try of anything that was refused for a temporary reason. */
  readonly refusedRetryMs: number;
}

/**
 * Runs `work` until its outcome is final. Waits while the disk is full or too many files are open; restarts at once an
 * encoder that something outside killed, at most `MAX_STARTS` times in a row.
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
  // If the database has no room, `work` throws. That is an outcome too, as it is when the media's disk is full.
  const outcome = await retry(() => work().catch(outcomeOfError), { delayAfter, signal, onAbort: 'reject' });
  signal.throwIfAborted();
  return outcome;
}

/** Runs `work` again while it is refused for a temporary reason, such as a full disk, that is not the file's fault. */
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
