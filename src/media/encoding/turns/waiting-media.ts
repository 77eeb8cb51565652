import { RETRY_MS, retry, retryFailures } from '../../../platform/retry.ts';
import type { MediaStore, UnfinishedMedia } from '../../../storage/contracts/media.ts';

/**
 * Maximum number of media of one account whose jobs are in memory. The others wait in the database, so that no
 * account can fill the memory, however many small media it uploads behind a long encode.
 */
export const MAX_JOBS_PER_ACCOUNT = 64;

export interface WaitingMediaOptions {
  readonly store: Pick<MediaStore, 'unfinished'>;
  /** Returns whether the media has a job. */
  readonly hasJob: (mediaId: string) => boolean;
  /** Starts the job of a media. */
  readonly start: (media: UnfinishedMedia) => void;
  /** Called with each error of the storage. The storage is then asked again. */
  readonly onFailure: (error: unknown) => void;
  /** Aborting this signal ends all reading. */
  readonly signal: AbortSignal;
}

/** Use of the memory by one account. */
interface Account {
  /** Number of jobs in memory. */
  jobs: number;
  /** Whether media wait in the database. New media then wait there too, so that their order is kept. */
  hasMore: boolean;
  /** Whether media were left in the database since the last reading began. */
  hasLeft: boolean;
  /** Reading of the account's media that is in progress. */
  reading: Promise<void> | null;
}

/**
 * Received media that wait for their jobs. For each account, the oldest ones have a job in memory, and the
 * others are read from the database when half of these jobs have ended.
 */
export class WaitingMedia {
  readonly #options: WaitingMediaOptions;
  readonly #accounts = new Map<string, Account>();

  constructor(options: WaitingMediaOptions) {
    this.#options = options;
  }

  /** Starts the job of a media that the database has as unfinished, or leaves the media there for now. */
  add(media: UnfinishedMedia): void {
    const account = this.#accountOf(media.userId);
    if (account.hasMore || account.jobs >= MAX_JOBS_PER_ACCOUNT) {
      account.hasMore = true;
      account.hasLeft = true;
    } else this.#start(media, account);
  }

  /** Must be called when a job of the account has ended. */
  jobEnded(userId: string): void {
    const account = this.#accountOf(userId);
    account.jobs -= 1;
    if (account.hasMore && account.jobs <= MAX_JOBS_PER_ACCOUNT / 2) this.#read(userId, account);
    else if (account.jobs === 0 && account.reading === null) this.#accounts.delete(userId);
  }

  /** Fulfils when nothing is being read. */
  async idle(): Promise<void> {
    await Promise.all([...this.#accounts.values()].map(({ reading }) => reading));
  }

  #accountOf(userId: string): Account {
    const known = this.#accounts.get(userId);
    if (known) return known;
    const account: Account = { jobs: 0, hasMore: false, hasLeft: false, reading: null };
    this.#accounts.set(userId, account);
    return account;
  }

  #start(media: UnfinishedMedia, account: Account): void {
    account.jobs += 1;
    this.#options.start(media);
  }

  #read(userId: string, account: Account): void {
    account.reading ??= this.#readOldest(userId, account)
      .catch(() => undefined)
      .finally(() => {
        account.reading = null;
      });
  }

  /** Starts the jobs of the account's oldest media. Rejects if the signal is aborted. */
  async #readOldest(userId: string, account: Account): Promise<void> {
    const { store, signal, onFailure, hasJob } = this.#options;
    do {
      account.hasLeft = false;
      const { media } = await retry(() => store.unfinished(null, MAX_JOBS_PER_ACCOUNT, userId), {
        delayAfter: retryFailures(RETRY_MS, onFailure),
        signal,
        onAbort: 'reject',
      });
      signal.throwIfAborted();
      const waiting = media.filter(({ id }) => !hasJob(id));
      const room = MAX_JOBS_PER_ACCOUNT - account.jobs;
      for (const one of waiting.slice(0, room)) this.#start(one, account);
      account.hasMore = account.hasLeft || media.length === MAX_JOBS_PER_ACCOUNT || waiting.length > room;
      // The last job may have ended meanwhile, so that no other end would lead to another reading.
    } while (account.hasMore && account.jobs <= MAX_JOBS_PER_ACCOUNT / 2);
  }
}
