import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { mediaRoot } from '../../data-folder/paths.ts';
import type { Media } from '../../domain/media.ts';
import { DEFAULT_MEDIA_LIMITS } from '../../domain/media-limits.ts';
import type { Lifecycle } from '../../platform/lifecycle.ts';
import { TRASH } from '../files/media-files.ts';
import { MediaTrash } from '../files/trash.ts';
import { removeStaleParts } from '../uploads/upload.ts';
import { EncoderSlots } from './encoder-slots.ts';
import { boundsAreHeld, PRLIMIT } from './ffmpeg/child-process.ts';
import { probeBounds } from './ffmpeg/limits.ts';
import { programRuns } from './ffmpeg/program-runs.ts';
import { type EncodingOptions, runJob } from './run-job.ts';

export interface PipelineOptions extends Omit<EncodingOptions, 'slots'> {
  /** ffmpeg processes at once. */
  readonly encoders: number;
}

interface Job {
  readonly abort: AbortController;
  readonly done: Promise<void>;
  /** Percentages by the position of the quality. */
  readonly progress: Map<number, number>;
}

/** Of the entries that nobody knows, so many are named in the log. */
const SHOWN_UNKNOWN = 5;

/** Encodes what was received, first come first served, within a bound of encoders. */
export class Pipeline implements Lifecycle {
  readonly #options: EncodingOptions;
  readonly #trash: MediaTrash;
  readonly #jobs = new Map<string, Job>();
  readonly #stopped = new AbortController();
  #checking: Promise<void> | null = null;
  #lastPriority = 0;
  #running = false;

  constructor({ encoders, ...options }: PipelineOptions) {
    this.#options = { ...options, slots: new EncoderSlots(encoders) };
    this.#trash = new MediaTrash(options.dataDir, options.logger);
  }

  /** Takes up what a process that ended has left, and removes the files of media that are gone. */
  async start(): Promise<void> {
    this.#running = true;
    this.#checking = this.#checkPrograms();
    await this.#cleanUp();
    for (const media of await this.#options.store.unfinished()) this.enqueue(media.id);
  }

  /** To be called when a media was received. */
  enqueue(mediaId: string): void {
    if (!this.#running || this.#jobs.has(mediaId)) return;
    const abort = new AbortController();
    const progress = new Map<number, number>();
    this.#lastPriority += 1;
    const job = {
      mediaId,
      priority: this.#lastPriority,
      signal: abort.signal,
      onProgress: (position: number, percent: number) => void progress.set(position, percent),
    };
    const done = runJob(job, this.#options)
      .catch((error) => {
        if (abort.signal.aborted) return;
        this.#options.logger.error({ err: error, media: mediaId }, 'encoding ended by an internal error');
      })
      .finally(() => this.#jobs.delete(mediaId));
    this.#jobs.set(mediaId, { abort, done, progress });
  }

  /** How many encoders are at work, and how much waits for one. */
  get encoders(): { readonly running: number; readonly waiting: number } {
    return this.#options.slots;
  }

  /** How far each quality has come, in percent, by its position. */
  progressOf(media: Media): number[] {
    const progress = this.#jobs.get(media.id)?.progress;
    return media.qualities.map(({ position, status }) =>
      status === 'done' ? 100 : (progress?.get(position) ?? 0),
    );
  }

  /** Ends the work on a media that was deleted; when this fulfils, its files are out of the way. */
  async discard(mediaId: string): Promise<void> {
    const job = this.#jobs.get(mediaId);
    job?.abort.abort(new Error('the media was deleted'));
    await job?.done;
    await this.#trash.take(mediaId);
  }

  /** Ends all encoders; the next start begins their qualities anew. */
  async stop(): Promise<void> {
    this.#running = false;
    this.#stopped.abort();
    await this.#checking;
    const jobs = [...this.#jobs.values()];
    for (const job of jobs) job.abort.abort(new Error('the service stops'));
    await Promise.all(jobs.map((job) => job.done));
    await this.#trash.idle();
  }

  /** A platform with an encoder of its own needs neither, so that a missing one is told and no more. */
  async #checkPrograms(): Promise<void> {
    const { ffmpegPath, ffprobePath, limits = DEFAULT_MEDIA_LIMITS, logger } = this.#options;
    if (!boundsAreHeld) {
      logger.warn({ missing: PRLIMIT }, 'encoders run without limits of memory and of file sizes');
    }
    for (const program of [ffmpegPath, ffprobePath]) {
      const runs = await programRuns(program, { signal: this.#stopped.signal, bounds: probeBounds(limits) });
      if (!runs && !this.#stopped.signal.aborted) logger.warn({ program }, "ffmpeg can't be run");
    }
  }

  /** Removes what media that were deleted have left. What is not known stays: it may be another database's. */
  async #cleanUp(): Promise<void> {
    const { dataDir, store, logger } = this.#options;
    const root = mediaRoot(dataDir);
    const names = (await readdir(root)).filter((name) => name !== TRASH);
    const statuses = new Map((await store.statuses(names)).map(({ id, status }) => [id, status]));
    const deleted = names.filter((name) => statuses.get(name) === 'deleted');
    await this.#trash.empty();
    for (const id of deleted) await this.#trash.take(id);
    if (deleted.length > 0) logger.info({ count: deleted.length }, 'files of deleted media were removed');

    const unknown = names.filter((name) => !statuses.has(name));
    if (unknown.length > 0) {
      const shown = { count: unknown.length, examples: unknown.slice(0, SHOWN_UNKNOWN) };
      logger.warn(
        { folder: root, ...shown },
        'entries that belong to no media of this database are left alone',
      );
    }
    for (const [id, status] of statuses) {
      if (status !== 'deleted') await removeStaleParts(join(root, id));
    }
  }
}
