import fs from 'node:fs';

export interface LogWriterOptions {
  /** Descriptor of the file, pipe or socket to write to. A pipe or a socket must not block. */
  readonly fd: number;
  /** Called when entries can be written again, with the number of entries that were dropped before. */
  readonly onDropped: (count: number) => void;
}

/**
 * Maximum number of characters that wait to be written. As many as some thousand entries have; further entries
 * are dropped, because a log must neither use up the memory nor hold up the service.
 */
const MAX_WAITING = 1024 * 1024;
/** Maximum number of characters of one write. */
const MAX_WRITE = 64 * 1024;
/** Milliseconds until the next try after a write that failed, for example because a pipe or a disk is full. */
const RETRY_MS = 100;
/** Maximum milliseconds for which the end of the process waits for a pipe that is full. */
const FLUSH_MS = 500;
const FLUSH_STEP_MS = 20;

/**
 * Destination of a log that never blocks and never throws. Entries of one turn of the event loop are written
 * together, by a system call in another thread. While the destination takes nothing, entries wait; when too many
 * wait, new ones are dropped and counted.
 */
export class LogWriter {
  readonly #options: LogWriterOptions;
  #waiting: string[] = [];
  #waitingLength = 0;
  /** Bytes of the write in progress, or of the write that failed and will be tried again. */
  #chunk: Buffer | null = null;
  /** Whether a system call is in progress. */
  #isWriting = false;
  #isScheduled = false;
  #dropped = 0;
  #unreported = 0;

  constructor(options: LogWriterOptions) {
    this.#options = options;
  }

  /** Number of entries that were dropped since the start. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Adds an entry, which ends with a line break. */
  write(entry: string): void {
    if (this.#waitingLength + entry.length > MAX_WAITING) {
      this.#dropped += 1;
      this.#unreported += 1;
      return;
    }
    this.#waiting.push(entry);
    this.#waitingLength += entry.length;
    if (this.#isScheduled || this.#chunk) return;
    this.#isScheduled = true;
    // Nothing is written in the present turn, so that an entry directly before the end of the process is still
    // here for `flushSync`.
    setImmediate(() => {
      this.#isScheduled = false;
      this.#writeNext();
    });
  }

  /** Writes what waits, without returning to the event loop. Gives up soon if the destination takes nothing. */
  flushSync(): void {
    // A write in progress is completed by its thread.
    let left = this.#isWriting ? null : this.#chunk;
    const until = performance.now() + FLUSH_MS;
    for (left ??= this.#take(); left; left = left.length > 0 ? left : this.#take()) {
      try {
        left = left.subarray(fs.writeSync(this.#options.fd, left));
      } catch (error) {
        if (codeOf(error) !== 'EAGAIN' || performance.now() > until) return;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, FLUSH_STEP_MS);
      }
    }
  }

  #writeNext(): void {
    this.#chunk ??= this.#take();
    const chunk = this.#chunk;
    if (!chunk || this.#isWriting) return;
    this.#isWriting = true;
    fs.write(this.#options.fd, chunk, (error, written) => {
      this.#isWriting = false;
      if (error) {
        setTimeout(() => this.#writeNext(), RETRY_MS).unref();
        return;
      }
      this.#chunk = written < chunk.length ? chunk.subarray(written) : null;
      if (this.#chunk === null) this.#reportDropped();
      this.#writeNext();
    });
  }

  #reportDropped(): void {
    if (this.#unreported === 0) return;
    const count = this.#unreported;
    this.#unreported = 0;
    this.#options.onDropped(count);
  }

  /** Removes entries that wait, as many as one write takes. `null`: none waits. */
  #take(): Buffer | null {
    let count = 0;
    let length = 0;
    for (const entry of this.#waiting) {
      if (count > 0 && length + entry.length > MAX_WRITE) break;
      length += entry.length;
      count += 1;
    }
    if (count === 0) return null;
    this.#waitingLength -= length;
    return Buffer.from(this.#waiting.splice(0, count).join(''));
  }
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
