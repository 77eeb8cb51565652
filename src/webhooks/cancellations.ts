import type { Logger } from '../logging/logger.ts';
import type { Lifecycle } from '../platform/lifecycle.ts';
import { SmallSteps } from '../platform/small-steps.ts';
import type { WebhookStore } from '../storage/contracts/webhooks.ts';

export interface CancellationsOptions {
  readonly store: Pick<WebhookStore, 'cancelDeliveries'>;
  readonly logger: Logger;
  /** Returns milliseconds of a monotonic clock, which measures steps. */
  readonly monotonicNow: () => number;
}

/**
 * Cancels the pending deliveries of deleted webhooks in the background, in small steps. The work that is left
 * is in the database, so that the next start continues it.
 */
export class Cancellations implements Lifecycle {
  readonly #store: CancellationsOptions['store'];
  readonly #steps: SmallSteps;
  readonly #stop = new AbortController();
  #working: Promise<void> | null = null;
  /** Whether a webhook was deleted since the last step of the present work began. */
  #isDue = false;

  constructor({ store, logger, monotonicNow }: CancellationsOptions) {
    this.#store = store;
    this.#steps = new SmallSteps({
      monotonicNow,
      signal: this.#stop.signal,
      onFailure: (err) => logger.warn({ err }, 'deliveries of a removed webhook could not be cancelled'),
    });
  }

  /** Continues the work that an earlier process left unfinished. */
  async start(): Promise<void> {
    this.webhookDeleted();
  }

  /** Must be called when a webhook was deleted. Cancels the deliveries that the deletion did not cancel. */
  webhookDeleted(): void {
    if (this.#stop.signal.aborted) return;
    this.#isDue = true;
    this.#working ??= this.#work();
  }

  /** Stops after the step in progress, and waits for its end. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#working;
  }

  async #work(): Promise<void> {
    try {
      while (this.#isDue) {
        await this.#steps.take(async (_, limit) => {
          this.#isDue = false;
          const { isDone } = await this.#store.cancelDeliveries(limit);
          return isDone ? null : 'more';
        });
      }
    } catch (error) {
      if (!this.#stop.signal.aborted) throw error;
    } finally {
      this.#working = null;
    }
  }
}
