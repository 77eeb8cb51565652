import { ServiceError } from '../domain/errors.ts';
import { isNoSpace } from '../platform/system-errors.ts';

export interface ReadinessOptions {
  /** Bytes that may still be written to the fullest of the disks that the service works on. */
  readonly freeBytes: () => Promise<number>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** With less, the next commits fail: the database's log alone takes as much between two checkpoints. */
const MIN_FREE_BYTES = 4 * 1024 * 1024;
/**
 * A commit that failed counts for so many milliseconds, unless a later one held. It must not count for ever: whoever
 * is sent no work for want of readiness makes no commit that could hold.
 */
const FAILURE_COUNTS_MS = 10_000;
/** Disks are looked at so often at the most, however often somebody asks. */
const LOOK_EVERY_MS = 1_000;

/**
 * Whether the service takes and delivers.
 *
 *   starting ──▶ running ──▶ stopping
 *
 * While it runs, the commits of the hot path tell whether the database can be written; nothing is written to ask.
 */
export class Readiness {
  readonly #options: ReadinessOptions;
  #phase: 'starting' | 'running' | 'stopping' = 'starting';
  #failure: { readonly error: unknown; readonly at: number } | null = null;
  #free: Promise<number> | null = null;
  #lookedAt = 0;

  constructor(options: ReadinessOptions) {
    this.#options = options;
  }

  started(): void {
    this.#phase = 'running';
  }

  stopping(): void {
    this.#phase = 'stopping';
  }

  get isStopping(): boolean {
    return this.#phase === 'stopping';
  }

  /** To be told of each commit: null when it held, else why not. */
  noteCommit(failure: { readonly error: unknown } | null): void {
    this.#failure = failure && { error: failure.error, at: this.#options.now() };
  }

  /** Why no work should be sent, in words for the operator; null when all is well. */
  async refusal(): Promise<ServiceError | null> {
    if (this.#phase !== 'running') return new ServiceError('unavailable', `the service is ${this.#phase}`);
    if (this.#failure && this.#options.now() - this.#failure.at < FAILURE_COUNTS_MS) {
      return isNoSpace(this.#failure.error)
        ? new ServiceError('storage_full', 'the disk that holds the database is full')
        : new ServiceError('unavailable', 'the database can not be written; the log has the reason');
    }
    const free = await this.#freeBytes();
    if (free >= MIN_FREE_BYTES) return null;
    return new ServiceError('storage_full', `the disk is full: ${free} bytes are left`);
  }

  #freeBytes(): Promise<number> {
    const now = this.#options.now();
    if (!this.#free || Math.abs(now - this.#lookedAt) >= LOOK_EVERY_MS) {
      this.#lookedAt = now;
      this.#free = this.#options.freeBytes();
    }
    return this.#free;
  }
}
