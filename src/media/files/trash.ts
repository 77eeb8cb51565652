import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '../../logging/logger.ts';
import { mediaDir, trashDir } from './media-files.ts';

/**
 * Maximum number of retries of one removal. The delay before a retry is `RETRY_DELAY_MS` longer than the
 * delay before the previous retry.
 */
const MAX_RETRIES = 5;
const RETRY_DELAY_MS = 100;

/**
 * Removes the directories of deleted media in the background. A directory is first moved into the trash
 * folder by a rename, which takes only an instant. An upload or an encode that still writes files into the
 * directory then gets an error, because the path no longer exists. If the process ends before a removal is
 * complete, the next start of the service completes the removal.
 */
export class MediaTrash {
  readonly #dataDir: string;
  readonly #logger: Logger;
  readonly #removals = new Set<Promise<void>>();

  constructor(dataDir: string, logger: Logger) {
    this.#dataDir = dataDir;
    this.#logger = logger;
  }

  /**
   * Moves the directory of a media into the trash folder and starts its removal. Does nothing if the media
   * has no directory.
   */
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

  /**
   * Creates `directory` if it is missing, and starts the removal of everything in it. Does not wait for the
   * removal.
   */
  async empty(directory: string = trashDir(this.#dataDir)): Promise<void> {
    await mkdir(directory, { recursive: true });
    for (const name of await readdir(directory)) this.#remove(join(directory, name));
  }

  /** Resolves when all removals that are running now have ended. */
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
