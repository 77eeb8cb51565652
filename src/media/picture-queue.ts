import { setTimeout as delay } from 'node:timers/promises';
import { ServiceError } from '../domain/errors.ts';
import { KeyedMutex } from '../platform/keyed-mutex.ts';
import { TimeShare } from '../platform/shares/time-share.ts';
import { FairSlots } from './encoding/turns/fair-slots.ts';

/**
 * Maximum number of pictures that are converted at the same time, each by an ffmpeg of its own. Pictures have
 * slots of their own beside those of the encoders, because an encode can take hours, and a client waits for
 * its picture. The second slot lets other accounts pass an account whose picture takes long.
 */
export const PICTURES_AT_ONCE = 2;
/**
 * Share of the time in which pictures of one account may be converted, one after another. `burstMs` is enough for some
 * twenty ordinary pictures at once. The processors that a conversion occupies are not free for the service, although
 * ffmpeg is nice.
 */
const SHARE = { share: 1 / 4, burstMs: 1_000 } as const;
/**
 * Maximum milliseconds for which one picture counts, so that a client need not wait for minutes after a picture that has
 * taken as long as it may.
 */
const MOST_CHARGED_MS = 5_000;
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

export interface PictureQueueOptions {
  /** Returns milliseconds of a monotonic clock. */
  readonly now: () => number;
  /** Fulfils after a number of milliseconds. */
  readonly wait: (ms: number) => Promise<unknown>;
}

const REAL: PictureQueueOptions = { now: () => performance.now(), wait: (ms) => delay(ms) };

/**
 * Queue of the pictures that accounts upload. Its length is bounded for each account and for all of them, and
 * accounts take turns at the slots, so that nobody has to wait for the pictures of another account. An account that has
 * used up its share of the time waits before it takes its turn.
 */
export class PictureQueue {
  readonly #options: PictureQueueOptions;
  readonly #slots = new FairSlots({ count: PICTURES_AT_ONCE });
  /** Lets the pictures of an account be converted one after another. */
  readonly #oneOfAccount = new KeyedMutex();
  readonly #used = new TimeShare<string>(SHARE);
  /** Number of pictures in progress, by account. */
  readonly #inProgress = new Map<string, number>();
  readonly #converting = new Map<string, Promise<void>>();
  #total = 0;

  /** @param options only tests pass others */
  constructor(options: PictureQueueOptions = REAL) {
    this.#options = options;
  }

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
    const converting = this.#oneOfAccount
      .runExclusive(account, () => this.#convertInTurn(account, convert))
      .finally(() => this.#converting.delete(key));
    this.#converting.set(key, converting);
    return converting;
  }

  async #convertInTurn(account: string, convert: () => Promise<void>): Promise<void> {
    const { now, wait } = this.#options;
    const waitMs = this.#used.untilAllowedMs(account, now());
    if (waitMs > 0) await wait(waitMs);
    const signal = new AbortController().signal;
    await this.#slots.run({ account, priority: 0, signal }, async () => {
      const startedAt = now();
      await convert().finally(() => {
        const endedAt = now();
        this.#used.charge(account, Math.min(endedAt - startedAt, MOST_CHARGED_MS), endedAt);
      });
    });
  }

  #count(account: string, change: 1 | -1): void {
    this.#total += change;
    const own = (this.#inProgress.get(account) ?? 0) + change;
    if (own === 0) this.#inProgress.delete(account);
    else this.#inProgress.set(account, own);
  }
}
