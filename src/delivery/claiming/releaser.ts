import type { ReadyDelivery } from '../../domain/delivery.ts';
import type { Logger } from '../../logging/logger.ts';
import { GroupCommit } from '../../platform/group-commit.ts';
import { retryUntilCommitted } from '../../platform/retry.ts';
import type { Queue } from '../../storage/contracts/queue.ts';

export interface ReleaserOptions {
  readonly queue: Queue;
  readonly logger: Logger;
  /** Told of the webhooks whose deliveries are back in the database. */
  readonly onReleased: (webhookIds: ReadonlySet<string>) => void;
}

/** Deliveries given back in one commit at the most. */
const MAX_BATCH = 2_000;

/**
 * Gives claimed deliveries back to the database, in group commits. A commit that fails is tried again until it
 * holds: while they stay claimed, nobody sends them.
 */
export class Releaser {
  readonly #options: ReleaserOptions;
  readonly #commits: GroupCommit<number, null>;
  readonly #stop = new AbortController();

  constructor(options: ReleaserOptions) {
    this.#options = options;
    this.#commits = new GroupCommit((seqs) => this.#commit(seqs), MAX_BATCH);
  }

  release(deliveries: readonly ReadyDelivery[]): void {
    if (deliveries.length === 0) return;
    // What waits for its commit is numbers, not bodies.
    const webhookIds = new Set(deliveries.map((delivery) => delivery.webhook.id));
    this.#commits.add(deliveries.map((delivery) => delivery.seq)).then(
      () => this.#options.onReleased(webhookIds),
      // Given up at a stop; they stay claimed and pending, so that the next start sends them.
      () => undefined,
    );
  }

  /** Waits for what is under way; gives up what can't be committed. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#commits.idle();
  }

  async #commit(seqs: readonly number[]): Promise<null[]> {
    const { queue, logger } = this.#options;
    await retryUntilCommitted(() => queue.release(seqs), {
      signal: this.#stop.signal,
      onFailure: (error) =>
        logger.error({ err: error, deliveries: seqs.length }, 'deliveries could not be given back'),
    });
    return seqs.map(() => null);
  }
}
