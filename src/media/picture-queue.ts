import { ServiceError } from '../domain/errors.ts';
import { FairSlots } from './encoding/turns/fair-slots.ts';

/**
 * Maximum number of pictures that are converted at the same time, each by an ffmpeg of its own. Pictures have
 * slots of their own beside those of the encoders, because an encode can take hours, and a client waits for
 * its picture. The second slot lets other accounts pass an account whose picture takes long.
 */
export const PICTURES_AT_ONCE = 2;
/** Maximum number of pictures of one account that are converted at the same time. */
const CONVERTED_PER_ACCOUNT = 1;
/** Maximum number of pictures of one account that are received, wait, or are converted. */
export const PICTURES_PER_ACCOUNT = 4;
/**
 * Maximum number of pictures of all accounts that are received, wait, or are converted. With pictures of at
 * most 20 MiB, they take at most 5 GiB of the disk.
 */
export const MAX_PICTURES = 256;
/** Seconds after which a refused client should retry. A picture usually takes a fraction of a second. */
const RETRY_AFTER_S = 2;

/** Picture that is to be converted. */
export interface QueuedPicture {
  readonly account: string;
  /** Two pictures with the same key have the same result, so that only one of them is converted. */
  readonly key: string;
}

/**
 * Queue of the pictures that accounts upload. Its length is bounded for each account and for all of them, and
 * accounts take turns at the slots, so that nobody has to wait for the pictures of another account.
 */
export class PictureQueue {
  readonly #slots = new FairSlots({ count: PICTURES_AT_ONCE, perAccount: CONVERTED_PER_ACCOUNT });
  /** Number of pictures in progress, by account. */
  readonly #inProgress = new Map<string, number>();
  readonly #converting = new Map<string, Promise<void>>();
  #total = 0;

  /**
   * Runs `work`, which receives and converts a picture, if there is room for another picture.
   * @throws ServiceError `rate_limited` if the account has too many pictures in progress, `overloaded` if all
   * accounts together have
   */
  async admit<T>(account: string, work: () => Promise<T>): Promise<T> {
    const own = this.#inProgress.get(account) ?? 0;
    if (own >= PICTURES_PER_ACCOUNT) {
      const message = `${own} pictures of this account are in progress; retry when one of them is done`;
      throw new ServiceError('rate_limited', message, { retryAfterS: RETRY_AFTER_S });
    }
    if (this.#total >= MAX_PICTURES) {
      const message = 'too many pictures are in progress; retry in a moment';
      throw new ServiceError('overloaded', message, { retryAfterS: RETRY_AFTER_S });
    }
    this.#count(account, 1);
    try {
      return await work();
    } finally {
      this.#count(account, -1);
    }
  }

  /** Runs `convert` when it is the account's turn, or waits for a conversion with the same key. */
  convert({ account, key }: QueuedPicture, convert: () => Promise<void>): Promise<void> {
    const running = this.#converting.get(key);
    if (running) return running;
    const signal = new AbortController().signal;
    const converting = this.#slots
      .run({ account, priority: 0, signal }, convert)
      .finally(() => this.#converting.delete(key));
    this.#converting.set(key, converting);
    return converting;
  }

  #count(account: string, change: 1 | -1): void {
    this.#total += change;
    const own = (this.#inProgress.get(account) ?? 0) + change;
    if (own === 0) this.#inProgress.delete(account);
    else this.#inProgress.set(account, own);
  }
}
