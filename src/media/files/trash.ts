import { randomUUID } from 'node:crypto';
import { mkdir, opendir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '../../logging/logger.ts';
import { mediaDir, trashDir } from './media-files.ts';
import { removeTree } from './remove-tree.ts';

/**
 * Removes the directories of deleted media in the background, one after another. A directory is first moved into
 * the trash folder by a rename, which takes only an instant. An upload or an encode that still writes files into
 * the directory then gets an error, because the path no longer exists. The trash folder is the only record of
 * what is to be removed: if the process ends before, the next start of the service continues.
 */
export class MediaTrash {
  readonly #dataDir: string;
  readonly #logger: Logger;
  readonly #stop = new AbortController();
  /** Names in the trash folder that could not be removed. They are tried again after the next start. */
  readonly #failed = new Set<string>();
  #removing: Promise<void> | null = null;
  /** Whether something was moved into the trash since the folder was last read. */
  #isDue = false;

  constructor(dataDir: string, logger: Logger) {
    this.#dataDir = dataDir;
    this.#logger = logger;
  }

  /**
   * Moves the directory of a media into the trash folder and starts its removal. Does nothing if the media
   * has no directory.
   */
  async moveMedia(mediaId: string): Promise<void> {
    await this.#move(mediaDir(this.#dataDir, mediaId));
  }

  /**
   * Creates the trash folder if it is missing, and starts the removal of everything in it. Does not wait for the
   * removal.
   */
  async empty(): Promise<void> {
    await mkdir(trashDir(this.#dataDir), { recursive: true });
    this.#remove();
  }

  /** Creates `directory` if it is missing, and moves everything in it into the trash folder. */
  async moveContents(directory: string): Promise<void> {
    await mkdir(directory, { recursive: true });
    for await (const { name } of await opendir(directory)) await this.#move(join(directory, name));
  }

  /** Stops the removal in progress, and waits until it has ended. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#removing;
  }

  async #move(path: string): Promise<void> {
    const target = join(trashDir(this.#dataDir), randomUUID());
    await mkdir(trashDir(this.#dataDir), { recursive: true });
    try {
      await rename(path, target);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
      throw error;
    }
    this.#remove();
  }

  #remove(): void {
    if (this.#stop.signal.aborted) return;
    this.#isDue = true;
    this.#removing ??= this.#removeAll().finally(() => {
      this.#removing = null;
    });
  }

  async #removeAll(): Promise<void> {
    const { signal } = this.#stop;
    while (this.#isDue && !signal.aborted) {
      this.#isDue = false;
      await this.#removeEach(trashDir(this.#dataDir)).catch((err) => {
        if (!signal.aborted) this.#logger.warn({ err }, 'the files of deleted media could not be listed');
      });
    }
  }

  async #removeEach(trash: string): Promise<void> {
    const { signal } = this.#stop;
    for await (const { name } of await opendir(trash)) {
      signal.throwIfAborted();
      if (this.#failed.has(name)) continue;
      const path = join(trash, name);
      await removeTree(path, signal).catch((err) => {
        signal.throwIfAborted();
        this.#failed.add(name);
        this.#logger.warn({ err, path }, 'files of a deleted media could not be removed');
      });
    }
  }
}
