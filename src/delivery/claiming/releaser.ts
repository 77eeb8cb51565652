import type { ReadyDelivery } from '../../domain/delivery.ts';
import type { Logger } from '../../logging/logger.ts';
import type { Queue } from '../../storage/contracts/queue.ts';
import { RetriedCommits } from './retried-commits.ts';

export interface ReleaserOptions {
  readonly queue: Queue;
  readonly logger: Logger;
  /** Called with the ids of the webhooks whose deliveries can be claimed again. It must not throw. */
  readonly onReleased: (webhookIds: ReadonlySet<string>) => void;
}

/**
 * Delivery whose claim is released. It has only the numbers that are needed, so that the body of the delivery can be
 * garbage-collected during the commit.
 */
interface Released {
  readonly seq: number;
  readonly webhookId: string;
}

/** Maximum number of deliveries that are released in one commit. */
const MAX_RELEASES = 2_000;

/**
 * Releases claims in the database. Retries until the claims are released, because no process sends a delivery
 * that stays claimed.
 */
export class Releaser {
  readonly #commits: RetriedCommits<Released>;

  constructor({ queue, logger, onReleased }: ReleaserOptions) {
    this.#commits = new RetriedCommits({
      commit: (released) => queue.release(released.map(({ seq }) => seq)),
      maxItems: MAX_RELEASES,
      onCommitted: (released) => onReleased(new Set(released.map(({ webhookId }) => webhookId))),
      onFailure: (err, deliveries) => logger.error({ err, deliveries }, 'claims could not be released'),
      // The next start releases the claims of a process that has ended.
      onLost: () => undefined,
    });
  }

  release(deliveries: readonly ReadyDelivery[]): void {
    for (const { seq, webhook } of deliveries) this.#commits.add({ seq, webhookId: webhook.id });
  }

  /** Waits for the commits in progress. From now on, each commit is tried at most once more. */
  stop(): Promise<void> {
    return this.#commits.stop();
  }
}
