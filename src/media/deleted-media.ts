import timers from 'node:timers/promises';
import type { Logger } from '../logging/logger.ts';
import { BackgroundWork } from '../platform/background-work.ts';
import type { Lifecycle } from '../platform/lifecycle.ts';
import { SmallSteps } from '../platform/small-steps.ts';
import type { RetentionStore } from '../storage/contracts/retention.ts';
import type { MediaTrash } from './files/trash.ts';

export interface DeletedMediaOptions {
  readonly store: Pick<RetentionStore, 'deletedMedia' | 'removeMedia'>;
  readonly trash: Pick<MediaTrash, 'moveMedia'>;
  readonly logger: Logger;
  /**
   * Returns milliseconds since the epoch, which say how long ago a media was deleted. They must not follow a
   * jump of the wall clock at once.
   */
  readonly now: () => number;
  /** Returns milliseconds of a monotonic clock, which measures steps. */
  readonly monotonicNow: () => number;
  /**
   * Milliseconds from the deletion of a media to the removal of its row; default `KEPT_MS`. A round of removals
   * begins as often.
   */
  readonly keptMs?: number;
}

/**
 * Milliseconds for which the row of a deleted media stays. Requests that began before the deletion might still
 * write files of the media. If the process is killed then, the next start recognizes these files by the row.
 */
const KEPT_MS = 10 * 60_000;

/** Removes the rows of deleted media, in small steps, after it has moved files that are left into the trash. */
export class DeletedMedia implements Lifecycle {
  readonly #options: DeletedMediaOptions;
  readonly #steps: SmallSteps;
  readonly #background = new BackgroundWork(() => this.#work());

  constructor(options: DeletedMediaOptions) {
    this.#options = options;
    this.#steps = new SmallSteps({
      monotonicNow: options.monotonicNow,
      signal: this.#background.signal,
      onFailure: (err) => options.logger.warn({ err }, 'rows of deleted media could not be removed'),
    });
  }

  start(): Promise<void> {
    return this.#background.start();
  }

  /** Stops after the step in progress, and waits for its end. */
  stop(): Promise<void> {
    return this.#background.stop();
  }

  /** Makes rounds until `stop` is called. Then the current pause or the next one rejects. */
  async #work(): Promise<void> {
    const { keptMs = KEPT_MS } = this.#options;
    for (;;) {
      await this.#steps.take((_, limit) => this.#removeSome(limit, keptMs));
      await timers.setTimeout(keptMs, undefined, { signal: this.#background.signal });
    }
  }

  /** Returns `null` when no more rows are to be removed now. */
  async #removeSome(limit: number, keptMs: number): Promise<'more' | null> {
    const { store, trash, now } = this.#options;
    const ids = await store.deletedMedia({ before: now() - keptMs, limit });
    for (const id of ids) await trash.moveMedia(id);
    if (ids.length > 0) await store.removeMedia(ids);
    return ids.length < limit ? null : 'more';
  }
}
