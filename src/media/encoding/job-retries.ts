import { setTimeout as delay } from 'node:timers/promises';
import { ServiceError } from '../../domain/errors.ts';
import type { Logger } from '../../logging/logger.ts';
import { isExhausted, isNoSpace } from '../../platform/system-errors.ts';
import { type Failure, type Outcome, outcomeOfError } from './ffmpeg/failures.ts';

/** While the disk is full, too much waits to be stored, or nothing more can be opened, this goes by until the next try. */
const REFUSED_RETRY_MS = 5_000;
/** An encoder that something outside killed (want of memory, say) is started so often at the most. */
const MAX_STARTS = 3;

export interface Waiting {
  readonly logger: Logger;
  /** `REFUSED_RETRY_MS` if left out. */
  readonly refusedRetryMs?: number;
}

interface Waiter {
  readonly mediaId: string;
  /** Its reason is thrown when it is aborted. */
  readonly signal: AbortSignal;
}

/** Runs `work` until it ends for good: waits out a full disk, and starts anew what was killed from outside. */
export async function retryUntilFinal<Result extends Outcome>(
  waiter: Waiter,
  options: Waiting,
  work: () => Promise<Result | Failure>,
): Promise<Result | Failure> {
  for (let starts = 1; ; starts += 1) {
    // The database, too, may be what has no room.
    const outcome = await work().catch(outcomeOfError);
    waiter.signal.throwIfAborted();
    if (outcome.ok || outcome.kind === 'failed') return outcome;
    if (outcome.kind === 'killed' && starts >= MAX_STARTS) return outcome;
    options.logger.warn({ media: waiter.mediaId, reason: outcome.reason }, 'encoding is tried again');
    if (outcome.kind === 'no-space' || outcome.kind === 'exhausted') {
      starts = 0;
      await pause(waiter, options);
    }
  }
}

/** Repeats `work` as long as it is refused for a reason that passes, and is not the file's. */
export async function retryWhileRefused(
  waiter: Waiter,
  options: Waiting,
  work: () => Promise<void>,
): Promise<void> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!passes(error)) throw error;
      options.logger.warn(
        { err: error, media: waiter.mediaId },
        'the storage refuses for now; encoding waits',
      );
      await pause(waiter, options);
    }
  }
}

async function pause({ signal }: Waiter, { refusedRetryMs }: Waiting): Promise<void> {
  await delay(refusedRetryMs ?? REFUSED_RETRY_MS, undefined, { signal });
}

function passes(error: unknown): boolean {
  const isOverloaded = error instanceof ServiceError && error.code === 'overloaded';
  return isOverloaded || isNoSpace(error) || isExhausted(error);
}
