import type { EventType } from '../../domain/event.ts';
import type { Media, MediaStep, QualityRequest } from '../../domain/media.ts';
import type { MediaLimits } from '../../domain/media-limits.ts';
import { mediaEvent } from '../../events/media-event.ts';
import type { Publisher } from '../../events/publisher.ts';
import type { MediaStore } from '../../storage/contracts/media.ts';
import type { UsageStore } from '../../storage/contracts/usage.ts';
import type { FfmpegCapabilities } from './ffmpeg/capabilities.ts';
import { type RetryContext, retryWhileRefused } from './job-retries.ts';
import type { MediaRoom } from './room/output-room.ts';
import { fromStorage } from './storage-refused.ts';
import type { FairSlots } from './turns/fair-slots.ts';

/**
 * Data and dependencies of one encoding job. Some fields belong to this job, such as `mediaDir`; all jobs
 * share the others, such as `store`.
 */
export interface JobContext extends RetryContext {
  /** Directory of the media. */
  readonly mediaDir: string;
  /** Account of the media. Accounts take turns at the encoder slots. */
  readonly account: string;
  /** Priority of the job among the jobs of its account. The lowest number gets encoder slots first. */
  readonly priority: number;
  /** Called with the encoded percentage of the quality at `position`. */
  readonly onProgress: (position: number, percent: number) => void;
  readonly store: Pick<MediaStore, 'findAny' | 'saveProbe' | 'moveQuality'>;
  readonly usage: Pick<UsageStore, 'saveEncoded'>;
  /** Room for the encoded files of the media. */
  readonly room: MediaRoom;
  readonly publisher: Pick<Publisher, 'publish'>;
  readonly slots: FairSlots;
  readonly ffmpegPath: string;
  readonly ffprobePath: string;
  /** Abilities of the programs, as soon as they are known. */
  readonly capabilities: Promise<FfmpegCapabilities>;
  readonly limits: MediaLimits;
  /** Number of bytes that encodes must leave free on the disk. */
  readonly minFreeBytes: number;
  /** Returns the current time in milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * Error that ends a job whose work is no longer needed, because the media was deleted or reached its final
 * state meanwhile. Such a job does not count as failed.
 */
export class Superseded extends Error {
  override readonly name = 'Superseded';
}

/** Step (change of a media's state), with the type of the event that reports the step. */
interface ReportedStep {
  readonly type: EventType;
  readonly step: MediaStep;
  /** Qualities that the event lists. By default, all qualities of the media. */
  readonly qualities?: readonly QualityRequest[];
}

/**
 * Reads the current state of the job's media from the storage. Throws `Superseded` if the media was deleted,
 * and `StorageRefused` if the storage fails.
 */
export async function readMedia({ mediaId, signal, store }: JobContext): Promise<Media> {
  signal.throwIfAborted();
  const media = await fromStorage(() => store.findAny(mediaId));
  if (!media) throw new Superseded();
  return media;
}

/**
 * Commits a step (a change of the media's state) together with its event. The event describes the media as it
 * is just before the commit. Retries as long as the storage fails. Throws `Superseded` if the media is not in
 * the state from which the step starts.
 */
export async function commitStep(job: JobContext, reported: ReportedStep): Promise<void> {
  await retryWhileRefused(job, async () => commitStepOf(await readMedia(job), job, reported));
}

/**
 * Commits that the encoding of the media has started, unless this was committed before. Returns the media as
 * it was before the commit. Throws `StorageRefused` if the storage fails.
 */
export async function commitStart(job: JobContext): Promise<Media> {
  const step = { kind: 'started', mediaId: job.mediaId } as const;
  const media = await readMedia(job);
  if (media.status === 'new') await commitStepOf(media, job, { type: 'encoding.started', step });
  return media;
}

async function commitStepOf(
  media: Media,
  { publisher, now }: JobContext,
  { type, step, qualities = media.qualities }: ReportedStep,
): Promise<void> {
  const event = mediaEvent(type, media, qualities, now());
  const [outcome] = await fromStorage(() => publisher.publish([{ event, step }]));
  if (outcome !== 'committed') throw new Superseded();
}

/** Runs `work` when it is the turn of the job's account and of the job. */
export function inTurn<T>(job: JobContext, work: () => Promise<T>): Promise<T> {
  const { slots, account, priority, signal } = job;
  return slots.run({ account, priority, signal }, work);
}

/** Returns the options that are the same for all runs of ffmpeg in one job. */
export async function ffmpegOptions(job: JobContext) {
  const { mediaDir, ffmpegPath, signal, limits, minFreeBytes, room } = job;
  return { mediaDir, ffmpegPath, signal, limits, minFreeBytes, room, capabilities: await job.capabilities };
}
