import type { ReadyDelivery, Settlement } from '../../domain/delivery.ts';
import type { Logger } from '../../logging/logger.ts';
import type { Queue, Settled } from '../../storage/contracts/queue.ts';
import { RetriedCommits } from './retried-commits.ts';

/** A delivery whose attempt has ended, and the result that is to be recorded. */
export interface AttemptedDelivery {
  readonly delivery: ReadyDelivery;
  readonly settlement: Settlement;
}

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
  /** Called after a commit, before `onRecorded`, with the deliveries that the commit made ready. */
  readonly onPromoted: (deliveries: readonly ReadyDelivery[]) => void;
  /** Called for each delivery whose result is durable. It must not throw. */
  readonly onRecorded: (attempted: AttemptedDelivery) => void;
  /**
   * Called for each delivery whose result is not recorded, because the service stops and the last try has failed, or
   * because of a defect. It must not throw.
   */
  readonly onLost: (delivery: ReadyDelivery, error: unknown) => void;
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
  readonly #options: RecorderOptions;
  readonly #commits: RetriedCommits<AttemptedDelivery, Settled>;

  constructor(options: RecorderOptions) {
    const { logger } = options;
    this.#options = options;
    this.#commits = new RetriedCommits({
      commit: (attempted) => this.#settle(attempted),
      maxItems: MAX_SETTLEMENTS,
      onCommitted: (attempted, settled) => this.#settled(attempted, settled),
      onFailure: (err, settlements) => logger.error({ err, settlements }, 'attempts could not be recorded'),
      onLost: (attempted, error) => this.#lost(attempted, error),
    });
  }

  /** Records the result of an attempt. Calls `onRecorded` or `onLost` later. */
  record(attempted: AttemptedDelivery): void {
    this.#commits.add(attempted);
  }

  /** Waits for the commits in progress. From now on, each commit is tried at most once more. */
  stop(): Promise<void> {
    return this.#commits.stop();
  }

  #settle(attempted: readonly AttemptedDelivery[]): Promise<Settled> {
    const { queue, now, steadyNow, pauseAfterMs } = this.#options;
    const steadyAt = steadyNow();
    const pauseFailingSince = pauseAfterMs === null ? null : steadyAt - pauseAfterMs;
    const settlements = attempted.map(({ settlement }) => settlement);
    return queue.settle(settlements, now(), pauseFailingSince, steadyAt);
  }

  #settled(attempted: readonly AttemptedDelivery[], { paused, promoted }: Settled): void {
    const { onPaused, onPromoted, onRecorded } = this.#options;
    try {
      if (paused.length > 0) onPaused(paused);
      if (promoted.length > 0) onPromoted(promoted);
    } catch (error) {
      this.#lost(attempted, error);
      return;
    }
    for (const one of attempted) onRecorded(one);
  }

  #lost(attempted: readonly AttemptedDelivery[], error: unknown): void {
    for (const { delivery } of attempted) this.#options.onLost(delivery, error);
  }
}
