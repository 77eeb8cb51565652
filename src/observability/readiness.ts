import { ServiceError } from '../domain/errors.ts';
import { isNoSpace } from '../platform/system-errors.ts';

export interface ReadinessOptions {
  /** Returns the free bytes on the disk with the least free space, among the disks that the service uses. */
  readonly freeBytes: () => Promise<number>;
  /**
   * Returns the sentence that says why requests to receivers can't be sent at present for a cause on our own
   * side. `null`: there is no such cause.
   */
  readonly ownTrouble: () => string | null;
  /** Returns milliseconds of a monotonic clock. */
  readonly monotonicNow: () => number;
}

/**
 * Minimum number of free bytes. With fewer, the next commits fail, because the database's write-ahead log
 * alone grows by this size between two checkpoints.
 */
const MIN_FREE_BYTES = 4 * 1024 * 1024;
/**
 * Milliseconds for which the service is not ready after a failed commit, unless a later commit
 * succeeds. The time is limited, because a service that is not ready receives no work, and so makes no
 * commit that could succeed.
 */
const FAILURE_COUNTS_MS = 10_000;
/** Milliseconds for which a measurement of the free bytes is reused. */
const CHECK_EVERY_MS = 1_000;

/**
 * Readiness of the service to accept and deliver events.
 *
 *   starting ──▶ running ──▶ stopping
 *
 * In the state `running`, the commits of the hot path show whether the database can be written. The service
 * writes no test data.
 */
export class Readiness {
  readonly #options: ReadinessOptions;
  #phase: 'starting' | 'running' | 'stopping' = 'starting';
  #failure: { readonly error: unknown; readonly at: number } | null = null;
  #free: Promise<number> | null = null;
  #checkedAt = 0;

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

  /** Records the outcome of a commit: `null` for a success, otherwise the failure. */
  recordCommit(failure: { readonly error: unknown } | null): void {
    this.#failure = failure && { error: failure.error, at: this.#options.monotonicNow() };
  }

  /**
   * Returns the reason why the service should receive no work, in words for the operator; `null`:
   * the service is ready.
   */
  async refusal(): Promise<ServiceError | null> {
    if (this.#phase !== 'running') return new ServiceError('unavailable', `the service is ${this.#phase}`);
    if (this.#failure && this.#options.monotonicNow() - this.#failure.at < FAILURE_COUNTS_MS) {
      return isNoSpace(this.#failure.error)
        ? new ServiceError('storage_full', 'the disk that holds the database is full')
        : new ServiceError('unavailable', 'the database cannot be written; see the log for the reason');
    }
    const trouble = this.#options.ownTrouble();
    if (trouble !== null)
      return new ServiceError('unavailable', `requests to receivers can not be sent: ${trouble}`);
    const free = await this.#freeBytes();
    if (free >= MIN_FREE_BYTES) return null;
    return new ServiceError('storage_full', `the disk is full: only ${free} bytes are free`);
  }

  #freeBytes(): Promise<number> {
    const now = this.#options.monotonicNow();
    if (!this.#free || now - this.#checkedAt >= CHECK_EVERY_MS) {
      this.#checkedAt = now;
      this.#free = this.#options.freeBytes();
    }
    return this.#free;
  }
}
