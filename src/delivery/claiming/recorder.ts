import type { ReadyDelivery, Settlement } from '../../domain/delivery.ts';
import type { Logger } from '../../logging/logger.ts';
import type { Queue, Settled } from '../../storage/contracts/queue.ts';
import { RetriedCommits } from './retried-commits.ts';

export interface RecorderOptions {
  readonly queue: Queue;
  readonly logger: Logger;
  readonly now: () => number;
  /** Returns the time of the steady clock. */
  readonly steadyNow: () => number;
  /**
   * Milliseconds for which all attempts of a webhook must have failed before the webhook is paused. `null`:
   * never pauses.
   */
  readonly pauseAfterMs: number | null;
  /**
   * Called after a commit, before `onPromoted`, with the paused webhooks that had a failed attempt in the
   * commit. This commit or an earlier one paused them.
   */
  readonly onPaused: (paused: Settled['paused']) => void;
  /** Called after a commit with the deliveries that the commit made ready. */
  readonly onPromoted: (deliveries: readonly ReadyDelivery[]) => void;
}

/**
 * Maximum number of settlements in one commit. A commit of this size takes about 10 ms of the database's
 * time.
 */
const MAX_SETTLEMENTS = 500;

/**
 * Records the results of attempts in the database. Retries until the results are durable, because a delivery
 * whose result is lost is sent again.
 */
export class Recorder {
  readonly #commits: RetriedCommits<Settlement, Settled>;

  constructor({ queue, logger, now, steadyNow, pauseAfterMs, onPaused, onPromoted }: RecorderOptions) {
    this.#commits = new RetriedCommits({
      commit: (settlements) => {
        const steadyAt = steadyNow();
        const pauseFailingSince = pauseAfterMs === null ? null : steadyAt - pauseAfterMs;
        return queue.settle(settlements, now(), pauseFailingSince, steadyAt);
      },
      maxItems: MAX_SETTLEMENTS,
      onCommitted: ({ paused, promoted }) => {
        if (paused.length > 0) onPaused(paused);
        if (promoted.length > 0) onPromoted(promoted);
      },
      onFailure: (err, settlements) => logger.error({ err, settlements }, 'attempts could not be recorded'),
    });
  }

  /**
   * Records a settlement. Fulfils when the settlement is durable. Rejects only if the service stops and the
   * last try to record fails.
   */
  record(settlement: Settlement): Promise<unknown> {
    return this.#commits.add([settlement]);
  }

  /** Waits for the commits in progress. From now on, each commit is tried at most once more. */
  stop(): Promise<void> {
    return this.#commits.stop();
  }
}
