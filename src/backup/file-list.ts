import { appendFile, open } from 'node:fs/promises';
import { hashOf } from './copy-file.ts';
import type { ListedFile } from './manifest.ts';

/** The list of the files of a backup, written to a file in the form of `sha256sum`. */
export class FileList {
  readonly #file: string;
  #files = 0;
  #bytes = 0;

  constructor(file: string) {
    this.#file = file;
  }

  /** Adds files to the list. Calls must not run at the same time. */
  async add({
    files,
    bytes,
  }: {
    readonly files: readonly ListedFile[];
    readonly bytes: number;
  }): Promise<void> {
    await appendFile(this.#file, files.map(({ path, sum }) => `${sum}  ${path}\n`).join(''), { mode: 0o600 });
    this.#files += files.length;
    this.#bytes += bytes;
  }

  /** Makes the list durable. @returns its checksum, the number of files, and their bytes together */
  async end(): Promise<{ sums: string; files: number; bytes: number }> {
    const handle = await open(this.#file, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
    return { sums: (await hashOf(this.#file)).sum, files: this.#files, bytes: this.#bytes };
  }
}
