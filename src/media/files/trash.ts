import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '../../logging/logger.ts';
import { mediaDir, trashDir } from './media-files.ts';

/** Maximum retries of a removal. Each waits a tenth of a second longer than the one before. */
const MAX_RETRIES = 5;
const RETRY_DELAY_MS = 100;

/**
 * Receives the directories of deleted media and removes them in the background. Moving a directory here takes an
 * instant, even while something writes into it: the writer then finds that its directory is gone. The next start
 * completes a removal that was interrupted.
 */
export class MediaTrash {
  readonly #dataDir: string;
  readonly #logger: Logger;
  readonly #removals = new Set<Promise<void>>();

  constructor(dataDir: string, logger: Logger) {
    this.#dataDir = dataDir;
    this.#logger = logger;
  }

  /** Moves the directory of a media here. Fulfils when the media has no directory; it may never have had one. */
  async moveMedia(mediaId: string): Promise<void> {
    const target = join(trashDir(this.#dataDir), randomUUID());
    await mkdir(trashDir(this.#dataDir), { recursive: true });
    try {
      await rename(mediaDir(this.#dataDir, mediaId), target);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
      throw error;
    }
    this.#remove(target);
  }

  /** Makes `directory` if it is missing, and begins to remove everything in it. */
  async empty(directory: string = trashDir(this.#dataDir)): Promise<void> {
    await mkdir(directory, { recursive: true });
    for (const name of await readdir(directory)) this.#remove(join(directory, name));
  }

  /** Fulfils when no removal is running. */
  async idle(): Promise<void> {
    await Promise.all(this.#removals);
  }

  #remove(path: string): void {
    const options = { recursive: true, force: true, maxRetries: MAX_RETRIES, retryDelay: RETRY_DELAY_MS };
    const removal = rm(path, options)
      .catch((err) => this.#logger.warn({ err, path }, 'files of a deleted media could not be removed'))
      .finally(() => this.#removals.delete(removal));
    this.#removals.add(removal);
  }
}
