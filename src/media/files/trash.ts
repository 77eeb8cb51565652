import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '../../logging/logger.ts';
import { mediaDir, trashDir } from './media-files.ts';

/** Removing is tried again so often, with a tenth of a second more between tries each time. */
const MAX_RETRIES = 5;
const RETRY_DELAY_MS = 100;

/**
 * Where the directories of deleted media go. To move one there takes one instant, whoever is writing into it: they
 * meet a directory that is gone. It is removed afterwards, and at the next start where that was cut short.
 */
export class MediaTrash {
  readonly #dataDir: string;
  readonly #logger: Logger;
  readonly #removals = new Set<Promise<void>>();

  constructor(dataDir: string, logger: Logger) {
    this.#dataDir = dataDir;
    this.#logger = logger;
  }

  /** Fulfils when the media has no directory any more. Does nothing where it has none. */
  async take(mediaId: string): Promise<void> {
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

  /** Begins to remove what an earlier process has left. */
  async empty(): Promise<void> {
    const trash = trashDir(this.#dataDir);
    await mkdir(trash, { recursive: true });
    for (const name of await readdir(trash)) this.#remove(join(trash, name));
  }

  /** Fulfils when nothing is being removed. */
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
