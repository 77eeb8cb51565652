import type { Media } from '../../domain/media.ts';
import type { Lifecycle } from '../../platform/lifecycle.ts';
import type { MediaStore, UnfinishedMedia, UnfinishedPage } from '../../storage/contracts/media.ts';
import type { Cursor } from '../../storage/contracts/page.ts';
import { mediaDir } from '../files/media-files.ts';
import { MIN_FREE_BYTES } from './disk-guard.ts';
import { type FfmpegCapabilities, findCapabilities } from './ffmpeg/capabilities.ts';
import { canBoundChildren, PRLIMIT } from './ffmpeg/child-process.ts';
import { lacksOf } from './ffmpeg/lacks.ts';
import { probeBounds } from './ffmpeg/limits.ts';
import type { JobContext } from './job-context.ts';
import { RETRY_DELAYS } from './job-retries.ts';
import { AccountRooms } from './room/account-rooms.ts';
import type { MediaRoomOptions } from './room/output-room.ts';
import { runJob } from './run-job.ts';
import { FairSlots } from './turns/fair-slots.ts';
import { WaitingMedia } from './turns/waiting-media.ts';

/** Number of unfinished media whose ids are read in one query when the pipeline starts. */
const UNFINISHED_PER_PAGE = 500;

export interface PipelineOptions
  extends Pick<JobContext, 'publisher' | 'ffmpegPath' | 'ffprobePath' | 'limits' | 'logger' | 'now'> {
  readonly store: JobContext['store'] & Pick<MediaStore, 'unfinished'>;
  readonly usage: JobContext['usage'] & MediaRoomOptions['store'];
  /** Maximum number of bytes that the encoded files of one account may take. `null`: no limit. */
  readonly mostEncodedBytes: number | null;
  readonly dataDir: string;
  /** Maximum number of ffmpeg processes at the same time. */
  readonly encoders: number;
}

interface Job {
  readonly abort: AbortController;
  readonly done: Promise<void>;
  /** For each quality, by its position, the percentage that is encoded. */
  readonly progress: Map<number, number>;
}

/**
 * Encodes received media with a limited number of encoders. Accounts take turns at the encoders; the media of
 * one account are encoded in the order of their arrival.
 */
export class Pipeline implements Lifecycle {
  readonly #options: PipelineOptions;
  readonly #slots: FairSlots;
  readonly #rooms: AccountRooms;
  readonly #jobs = new Map<string, Job>();
  readonly #stopped = new AbortController();
  readonly #waiting: WaitingMedia;
  #capabilities: Promise<FfmpegCapabilities> | null = null;
  #lastPriority = 0;
  #running = false;

  constructor(options: PipelineOptions) {
    this.#options = options;
    this.#slots = new FairSlots({ count: options.encoders });
    this.#rooms = new AccountRooms({ store: options.usage, most: options.mostEncodedBytes });
    this.#waiting = new WaitingMedia({
      store: options.store,
      hasJob: (mediaId) => this.#jobs.has(mediaId),
      start: (media) => this.#startJob(media),
      onFailure: (err) => options.logger.warn({ err }, 'media that wait could not be read'),
      signal: this.#stopped.signal,
    });
  }

  /** Starts the pipeline, and resumes the media that an earlier process did not finish. */
  async start(): Promise<void> {
    this.#running = true;
    let after: Cursor | null = null;
    do {
      const page: UnfinishedPage = await this.#options.store.unfinished(after, UNFINISHED_PER_PAGE);
      for (const media of page.media) this.enqueue(media);
      ({ after } = page);
    } while (after !== null);
  }

  /**
   * Adds a media whose upload is complete to those that are encoded. Does nothing if the media already has a
   * job, or if the pipeline is not running.
   */
  enqueue(media: UnfinishedMedia): void {
    if (this.#running && !this.#jobs.has(media.id)) this.#waiting.add(media);
  }

  #startJob({ id: mediaId, userId: account }: UnfinishedMedia): void {
    const abort = new AbortController();
    const progress = new Map<number, number>();
    this.#lastPriority += 1;
    const done = runJob({
      ...this.#options,
      mediaId,
      mediaDir: mediaDir(this.#options.dataDir, mediaId),
      account,
      priority: this.#lastPriority,
      signal: abort.signal,
      onProgress: (position, percent) => void progress.set(position, percent),
      slots: this.#slots,
      capabilities: this.checkPrograms(),
      minFreeBytes: MIN_FREE_BYTES,
      retryDelays: RETRY_DELAYS,
      room: this.#rooms.enter(mediaId, account),
    })
      .catch((error) => {
        if (abort.signal.aborted) return;
        this.#options.logger.error({ err: error, media: mediaId }, 'encoding ended by an internal error');
      })
      .finally(() => {
        this.#jobs.delete(mediaId);
        this.#rooms.leave(mediaId, account);
        if (this.#running) this.#waiting.jobEnded(account);
      });
    this.#jobs.set(mediaId, { abort, done, progress });
  }

  /**
   * Finds out what ffmpeg and ffprobe can do, once, and logs what they lack. The first job does so, too. The service
   * calls it when it listens, because the programs would make its start longer.
   */
  checkPrograms(): Promise<FfmpegCapabilities> {
    this.#capabilities ??= this.#findCapabilities();
    return this.#capabilities;
  }

  /** Number of encodes that are running, and number of encodes that wait for a slot. */
  get encoders(): { readonly running: number; readonly waiting: number } {
    return this.#slots;
  }

  /** Returns the encoding progress of each quality in percent, in the order of the qualities. */
  progressOf(media: Media): number[] {
    const progress = this.#jobs.get(media.id)?.progress;
    return media.qualities.map(({ position, status }) =>
      status === 'done' ? 100 : (progress?.get(position) ?? 0),
    );
  }

  /**
   * Ends the encoding job of a deleted media. Resolves when the job no longer writes into the directory of
   * the media.
   */
  async cancel(mediaId: string): Promise<void> {
    const job = this.#jobs.get(mediaId);
    job?.abort.abort(new Error('the media was deleted'));
    await job?.done;
  }

  /**
   * Ends all encoders. After the next start, the interrupted qualities are encoded again from the beginning.
   */
  async stop(): Promise<void> {
    this.#running = false;
    this.#stopped.abort();
    await this.#capabilities;
    await this.#waiting.idle();
    const jobs = [...this.#jobs.values()];
    for (const job of jobs) job.abort.abort(new Error('the service stops'));
    await Promise.all(jobs.map((job) => job.done));
  }

  /**
   * Finds out what ffmpeg and ffprobe can do. Logs a warning for each program that cannot be run, and for each
   * component that the programs lack. Nothing of this stops the service, because a platform with an encoder of its
   * own needs neither program.
   */
  async #findCapabilities(): Promise<FfmpegCapabilities> {
    const { ffmpegPath, ffprobePath, limits, logger } = this.#options;
    if (!canBoundChildren()) {
      logger.warn({ missing: PRLIMIT }, 'encoders run without limits of memory and of file sizes');
    }
    const { signal } = this.#stopped;
    const bounds = probeBounds(limits);
    const found = await findCapabilities({ ffmpegPath, ffprobePath }, { signal, bounds });
    const { capabilities, notRunnable } = found;
    if (signal.aborted) return capabilities;
    if (notRunnable.includes('ffmpegPath')) logger.warn({ program: ffmpegPath }, "ffmpeg can't be run");
    if (notRunnable.includes('ffprobePath')) logger.warn({ program: ffprobePath }, "ffprobe can't be run");
    for (const lack of lacksOf(capabilities)) {
      logger.warn({ version: capabilities.version, ...lack }, 'ffmpeg lacks a component');
    }
    return capabilities;
  }
}
