import type { ReadyDelivery, Settlement } from '../../domain/delivery.ts';
import type { Logger } from '../../logging/logger.ts';
import { GroupCommit } from '../../platform/group-commit.ts';
import { retryUntilCommitted } from '../../platform/retry.ts';
import type { Queue, Settled } from '../../storage/contracts/queue.ts';

export interface RecorderOptions {
  readonly queue: Queue;
  readonly logger: Logger;
  readonly now: () => number;
  /** A webhook that has done nothing but fail for so long is paused, in milliseconds; null: never. */
  readonly pauseAfterMs: number | null;
  /** Told of the webhooks that are paused since, before `onPromoted`. */
  readonly onPaused: (paused: Settled['paused']) => void;
  /** Told of the deliveries whose turn in their lanes came with a commit. */
  readonly onPromoted: (deliveries: readonly ReadyDelivery[]) => void;
}

/** Settlements in one commit at the most: about 10 ms of the database's time. */
const MAX_BATCH = 500;

/**
 * Records what came of attempts, in group commits. A commit that fails is tried again until it holds:
 * forgetting it would send the delivery once more.
 */
export class Recorder {
  readonly #options: RecorderOptions;
  readonly #commits: GroupCommit<Settlement, null>;
  readonly #stop = new AbortController();

  constructor(options: RecorderOptions) {
    this.#options = options;
    this.#commits = new GroupCommit((settlements) => this.#commit(settlements), MAX_BATCH);
  }

  /** Fulfils when the settlement is durable; rejects only when given up at a stop. */
  record(settlement: Settlement): Promise<unknown> {
    return this.#commits.add([settlement]);
  }

  /** Waits for what is under way; gives up what can't be committed. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#commits.idle();
  }

  async #commit(settlements: readonly Settlement[]): Promise<null[]> {
    const { queue, logger, now, pauseAfterMs, onPaused, onPromoted } = this.#options;
    const settle = (at: number) =>
      queue.settle(settlements, at, pauseAfterMs === null ? null : at - pauseAfterMs);
    const { promoted, paused } = await retryUntilCommitted(() => settle(now()), {
      signal: this.#stop.signal,
      onFailure: (error) =>
        logger.error({ err: error, settlements: settlements.length }, 'attempts could not be recorded'),
    });
    if (paused.length > 0) onPaused(paused);
    onPromoted(promoted);
    return settlements.map(() => null);
  }
}
