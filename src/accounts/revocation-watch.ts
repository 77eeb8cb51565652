import { type FSWatcher, watch } from 'node:fs';
import { appendFile, writeFile } from 'node:fs/promises';

/**
 * How commands tell running servers that credentials which they remember may be good no more: by writing to a file
 * that the servers watch. Where it can't be watched, for want of inotify watches say, they find out within seconds
 * by themselves (`REMEMBER_MS` of the authenticator).
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
      // The file itself: its folder has news with every commit.
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

/** To be called when the change is durable. */
export async function announceRevocation(file: string): Promise<void> {
  // What was changed is changed, whether servers are told or not.
  await writeFile(file, '.', { flag: 'a', mode: 0o600 }).catch(() => undefined);
}
