import type { ReadyDelivery, Settlement } from '../../domain/delivery.ts';
import type { Logger } from '../../logging/logger.ts';
import type { Queue, Settled } from '../../storage/contracts/queue.ts';
import { RetriedCommits } from './retried-commits.ts';

export interface RecorderOptions {
  readonly queue: Queue;
  readonly logger: Logger;
  readonly now: () => number;
  /** Milliseconds of nothing but failures after which a webhook is paused. `null`: never. */
  readonly pauseAfterMs: number | null;
  /** Called with the webhooks that a commit paused or found paused, before `onPromoted`. */
  readonly onPaused: (paused: Settled['paused']) => void;
  /** Called with the deliveries that a commit promoted. */
  readonly onPromoted: (deliveries: readonly ReadyDelivery[]) => void;
}

/** Maximum number of settlements of one commit: about 10 ms of the database's time. */
const MAX_SETTLEMENTS = 500;

/**
 * Records the results of attempts. Retries until they are durable, because a forgotten result sends the delivery again.
 */
export class Recorder {
  readonly #commits: RetriedCommits<Settlement, Settled>;

  constructor({ queue, logger, now, pauseAfterMs, onPaused, onPromoted }: RecorderOptions) {
    this.#commits = new RetriedCommits({
      commit: (settlements) => {
        const at = now();
        return queue.settle(settlements, at, pauseAfterMs === null ? null : at - pauseAfterMs);
      },
      maxItems: MAX_SETTLEMENTS,
      onCommitted: ({ paused, promoted }) => {
        if (paused.length > 0) onPaused(paused);
        if (promoted.length > 0) onPromoted(promoted);
      },
      onFailure: (err, settlements) => logger.error({ err, settlements }, 'attempts could not be recorded'),
    });
  }

  /** Fulfils when the settlement is durable. Rejects only if the last try, at a stop, has failed. */
  record(settlement: Settlement): Promise<unknown> {
    return this.#commits.add([settlement]);
  }

  /** Waits for the commits in progress, each of which has one last try from now on. */
  stop(): Promise<void> {
    return this.#commits.stop();
  }
}
