import { type FileHandle, open } from 'node:fs/promises';

/** Bytes that are read from the disk at a time. */
const WINDOW_BYTES = 65_536;

/**
 * Reads small pieces of a file at rising positions, most of them from memory, because headers of packets often
 * lie near to each other.
 */
export class FileWindow {
  readonly #file: FileHandle;
  readonly size: number;
  #from = 0;
  #window = Buffer.alloc(0);

  private constructor(file: FileHandle, size: number) {
    this.#file = file;
    this.size = size;
  }

  /** Runs `work` while the file at `path` is open. */
  static async over<T>(path: string, work: (file: FileWindow) => Promise<T>): Promise<T> {
    const file = await open(path);
    try {
      return await work(new FileWindow(file, (await file.stat()).size));
    } finally {
      await file.close();
    }
  }

  /**
   * Returns the bytes from `position` to `position + length`, fewer at the end of the file, or a promise of them. The
   * bytes are valid until the next call.
   */
  read(position: number, length: number): Buffer | Promise<Buffer> {
    const start = position - this.#from;
    const isHere = start >= 0 && (start + length <= this.#window.length || this.#reachesEnd());
    return isHere ? this.#window.subarray(start, start + length) : this.#load(position, length);
  }

  #reachesEnd(): boolean {
    return this.#window.length > 0 && this.#from + this.#window.length >= this.size;
  }

  async #load(position: number, length: number): Promise<Buffer> {
    const wanted = Buffer.alloc(Math.min(Math.max(length, WINDOW_BYTES), Math.max(0, this.size - position)));
    const { bytesRead } = await this.#file.read(wanted, 0, wanted.length, position);
    this.#from = position;
    this.#window = wanted.subarray(0, bytesRead);
    return this.#window.subarray(0, length);
  }
}
