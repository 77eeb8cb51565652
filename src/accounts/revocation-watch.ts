import { type FSWatcher, watch } from 'node:fs';
import { appendFile, writeFile } from 'node:fs/promises';

/**
 * Watches a file to which commands write after they have revoked credentials. Calls `onNotice` at each write.
 * A running server then empties its credential cache. If the file can't be watched, for example because the
 * system has no inotify watches left, a revoked credential still leaves the cache within seconds (`CACHE_MS`
 * of the authenticator).
 */
export class RevocationWatch {
  readonly #file: string;
  readonly #onNotice: () => void;
  #watcher: FSWatcher | null = null;

  constructor(file: string, onNotice: () => void) {
    this.#file = file;
    this.#onNotice = onNotice;
  }

  async start(): Promise<void> {
    try {
      await appendFile(this.#file, '', { mode: 0o600 });
      // The file is watched, not its folder. Every commit of the database changes files in the folder, and so
      // would cause a notice.
      this.#watcher = watch(this.#file, { persistent: false }, () => this.#onNotice());
      this.#watcher.on('error', () => this.stop());
    } catch {
      this.stop();
    }
  }

  stop(): void {
    this.#watcher?.close();
    this.#watcher = null;
  }
}

/** Notifies the servers that watch `file` of a revocation. Must be called after the revocation is durable. */
export async function announceRevocation(file: string): Promise<void> {
  // A failed write is ignored, because the revocation is durable whether servers are notified or not.
  await writeFile(file, '.', { flag: 'a', mode: 0o600 }).catch(() => undefined);
}
