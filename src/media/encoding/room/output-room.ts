import { ServiceError } from '../../../domain/errors.ts';
import type { UsageStore } from '../../../storage/contracts/usage.ts';
import { type Failure, failure } from '../ffmpeg/failures.ts';

/** Bytes that are reserved at once if encoded files become larger than was estimated, so that this is rare. */
const GROWTH_BYTES = 16 * 1024 * 1024;

/** Room for the files that a run of ffmpeg writes. */
export interface RunRoom {
  /**
   * Counts that the files of the run take `bytes` by now. Returns a failure if the account has no room for them.
   * Rejects with the storage's error if the storage fails.
   */
  hold(bytes: number): Promise<Failure | null>;
  /** Must be called when the run has ended, and its files were moved to their place (`isKept`) or removed. */
  end(isKept: boolean): void;
}

/** Room for the encoded files of one media. */
export interface OutputRoom {
  begin(): RunRoom;
}

/** Room without a limit, in which nothing is counted. */
export const UNCOUNTED: OutputRoom = { begin: () => ({ hold: async () => null, end: () => undefined }) };

export interface MediaRoomOptions {
  readonly mediaId: string;
  readonly store: Pick<UsageStore, 'reserveEncoded'>;
  /** Maximum number of bytes of all encoded files of an account. `null`: no limit. */
  readonly most: number | null;
  /**
   * Returns a promise that fulfils when the encoding of another media of the account has ended, so that some of the room
   * that is reserved for it may be free. `null`: no room is reserved for others.
   */
  readonly freed: () => Promise<void> | null;
  /** Called when room is reserved for the media. */
  readonly onReserved: () => void;
}

/**
 * Counts the encoded files of one media against the limit of its account, before they are written: an estimate is reserved
 * for all of them, and more whenever the files take more.
 */
export class MediaRoom implements OutputRoom {
  readonly #options: MediaRoomOptions;
  /** Bytes of files that are in their place. */
  #kept = 0;
  /** Bytes of the files of runs that have not ended. */
  readonly #held = new Map<RunRoom, number>();
  #reserved = 0;
  #freed: Promise<void> | null = null;

  constructor(options: MediaRoomOptions) {
    this.#options = options;
  }

  /**
   * Returns, once after each call of `reserve` that has returned a failure, a promise that fulfils when it may succeed.
   * `null`: it would fail again, because no other media of the account is being encoded.
   */
  takeFreed(): Promise<void> | null {
    const freed = this.#freed;
    this.#freed = null;
    return freed;
  }

  /**
   * Reserves room for all files of the media. Rejects with the storage's error if the storage fails.
   * @param kept bytes of the files that are in their place
   * @param estimated bytes of the files that are to be made
   * @returns a failure if the account has no room for them
   */
  async reserve(kept: number, estimated: number): Promise<Failure | null> {
    const { freed, onReserved } = this.#options;
    this.#kept = kept;
    // Is asked before the storage, because another encoding may end meanwhile.
    this.#freed = freed();
    const refused = await this.#raise(kept + estimated);
    if (refused) return refused;
    this.#freed = null;
    onReserved();
    return null;
  }

  begin(): RunRoom {
    const run: RunRoom = {
      hold: async (bytes) => {
        this.#held.set(run, bytes);
        const total = this.#held.values().reduce((sum, held) => sum + held, this.#kept);
        return total > this.#reserved ? this.#raise(total + GROWTH_BYTES) : null;
      },
      end: (isKept) => {
        if (isKept) this.#kept += this.#held.get(run) ?? 0;
        this.#held.delete(run);
      },
    };
    return run;
  }

  async #raise(bytes: number): Promise<Failure | null> {
    const { mediaId, store, most } = this.#options;
    try {
      await store.reserveEncoded(mediaId, bytes, most);
    } catch (error) {
      if (error instanceof ServiceError && error.code === 'limit_reached')
        return failure('failed', error.message);
      throw error;
    }
    this.#reserved = Math.max(this.#reserved, bytes);
    return null;
  }
}
