import type { ReadyDelivery } from '../../domain/delivery.ts';
import type { Logger } from '../../logging/logger.ts';
import type { Queue } from '../../storage/contracts/queue.ts';
import { RetriedCommits } from './retried-commits.ts';

export interface ReleaserOptions {
  readonly queue: Queue;
  readonly logger: Logger;
  /** Called with the ids of the webhooks whose deliveries can be claimed again. */
  readonly onReleased: (webhookIds: ReadonlySet<string>) => void;
}

/** Maximum number of deliveries that are released in one commit. */
const MAX_RELEASES = 2_000;

/**
 * Releases claims in the database. Retries until the claims are released, because no process sends a delivery
 * that stays claimed.
 */
export class Releaser {
  readonly #commits: RetriedCommits<number>;
  readonly #onReleased: ReleaserOptions['onReleased'];

  constructor({ queue, logger, onReleased }: ReleaserOptions) {
    this.#onReleased = onReleased;
    this.#commits = new RetriedCommits({
      commit: (seqs) => queue.release(seqs),
      maxItems: MAX_RELEASES,
      onFailure: (err, deliveries) => logger.error({ err, deliveries }, 'claims could not be released'),
    });
  }

  release(deliveries: readonly ReadyDelivery[]): void {
    if (deliveries.length === 0) return;
    for (let from = 0; from < deliveries.length; from += MAX_RELEASES)
      this.#releaseSome(deliveries.slice(from, from + MAX_RELEASES));
  }

  #releaseSome(deliveries: readonly ReadyDelivery[]): void {
    // Keeps only the numbers of the deliveries and the ids of the webhooks during the commit, so that the
    // deliveries' bodies can be garbage-collected.
    const webhookIds = new Set(deliveries.map((delivery) => delivery.webhook.id));
    this.#commits.add(deliveries.map((delivery) => delivery.seq)).then(
      () => this.#onReleased(webhookIds),
      // Ignores the rejection, which means that the service stops and the last try has failed. The next start
      // releases these claims.
      () => undefined,
    );
  }

  /** Waits for the commits in progress. From now on, each commit is tried at most once more. */
  stop(): Promise<void> {
    return this.#commits.stop();
  }
}
