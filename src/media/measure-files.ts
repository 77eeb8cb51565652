import type { Logger } from '../logging/logger.ts';
import { BackgroundWork } from '../platform/background-work.ts';
import type { Lifecycle } from '../platform/lifecycle.ts';
import { SmallSteps } from '../platform/small-steps.ts';
import type { Cursor } from '../storage/contracts/page.ts';
import type { UnmeasuredMedia, UsageStore } from '../storage/contracts/usage.ts';
import { customThumbnailFile, encodedBytes, mediaDir } from './files/media-files.ts';
import { sizeOf } from './files/tree-size.ts';

export interface MeasureFilesOptions {
  readonly store: Pick<UsageStore, 'unmeasured' | 'saveMeasured' | 'countOldRows'>;
  readonly dataDir: string;
  readonly logger: Logger;
  /** Returns milliseconds of a monotonic clock, which measures steps. */
  readonly monotonicNow: () => number;
}

/** Number of media whose files one step measures. */
const MEDIA_OF_STEP = 20;

/**
 * Measures, once after the start, the files of media whose sizes are not known: an older version made them, or the
 * process was killed while they were made. Also counts the rows that older versions have written. Both go in small
 * steps, and a start after a kill continues.
 */
export class MeasureFiles implements Lifecycle {
  readonly #options: MeasureFilesOptions;
  readonly #background = new BackgroundWork(() => this.#work());
  readonly #steps: SmallSteps;

  constructor(options: MeasureFilesOptions) {
    this.#options = options;
    this.#steps = new SmallSteps({
      monotonicNow: options.monotonicNow,
      signal: this.#background.signal,
      onFailure: (err) => options.logger.warn({ err }, 'what older versions stored could not be counted'),
    });
  }

  start(): Promise<void> {
    return this.#background.start();
  }

  /** Stops after the step in progress, and waits for its end. */
  stop(): Promise<void> {
    return this.#background.stop();
  }

  async #work(): Promise<void> {
    const { store } = this.#options;
    await this.#steps.take<'more'>(async (_, limit) => ((await store.countOldRows(limit)) ? null : 'more'));
    await this.#steps.take<Cursor>((after) => this.#measureSome(after));
  }

  async #measureSome(after: Cursor | null): Promise<Cursor | null> {
    const page = await this.#options.store.unmeasured(after, MEDIA_OF_STEP);
    for (const media of page.media) {
      if (this.#background.signal.aborted) return null;
      await this.#measure(media);
    }
    return page.after;
  }

  async #measure(media: UnmeasuredMedia): Promise<void> {
    const { store, dataDir, logger } = this.#options;
    if (!media.needsEncoded && !media.needsThumbnail) return;
    const dir = mediaDir(dataDir, media.id);
    try {
      const encoded = media.needsEncoded ? await encodedBytes(dir) : 0;
      const thumbnail = await sizeOf(customThumbnailFile(dir));
      await store.saveMeasured(media, { encoded, thumbnail });
    } catch (err) {
      // One directory that cannot be read must not hold up all others. The next start tries again.
      logger.warn({ err, media: media.id }, 'the encoded files of a media could not be measured');
    }
  }
}
