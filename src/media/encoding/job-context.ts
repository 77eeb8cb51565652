import type { EventType } from '../../domain/event.ts';
import type { Media, MediaStep, QualityRequest } from '../../domain/media.ts';
import type { MediaLimits } from '../../domain/media-limits.ts';
import { mediaEvent } from '../../events/media-event.ts';
import type { Publisher } from '../../events/publisher.ts';
import type { MediaStore } from '../../storage/contracts/media.ts';
import type { EncoderSlots } from './encoder-slots.ts';
import { type RetryContext, retryWhileRefused } from './job-retries.ts';

/** Everything that the steps of a job work with: the job itself, and what all jobs share. */
export interface JobContext extends RetryContext {
  /** Directory of the media. */
  readonly mediaDir: string;
  /** Jobs with a lower number go first. */
  readonly priority: number;
  /** Called with the percentage of a quality, which `position` identifies. */
  readonly onProgress: (position: number, percent: number) => void;
  readonly store: Pick<MediaStore, 'findAny' | 'saveProbe' | 'moveQuality'>;
  readonly publisher: Pick<Publisher, 'publish'>;
  readonly slots: EncoderSlots;
  readonly ffmpegPath: string;
  readonly ffprobePath: string;
  readonly limits: MediaLimits;
  /** Bytes that encodes leave free on the disk. */
  readonly minFreeBytes: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Signals that the media was deleted or has ended meanwhile, so that nothing is left to do. */
export class Superseded extends Error {
  override readonly name = 'Superseded';
}

/** Step forward of a media, with the event that reports it. */
interface ReportedStep {
  readonly type: EventType;
  readonly step: MediaStep;
  /** Qualities that the event is about; all of the media by default. */
  readonly qualities?: readonly QualityRequest[];
}

/** Reads the media as it is now. Throws `Superseded` if it was deleted. */
export async function readMedia({ mediaId, signal, store }: JobContext): Promise<Media> {
  signal.throwIfAborted();
  const media = await store.findAny(mediaId);
  if (!media) throw new Superseded();
  return media;
}

/**
 * Commits a step together with its event, which describes the media as it is just before the commit. Throws
 * `Superseded` if the media is not in the state from which the step starts.
 */
export async function commitStep(job: JobContext, reported: ReportedStep): Promise<void> {
  await retryWhileRefused(job, async () => commitStepOf(await readMedia(job), job, reported));
}

/** Commits that encoding has started, unless that was done before. Returns the media as it was before. */
export async function commitStart(job: JobContext): Promise<Media> {
  const step = { kind: 'started', mediaId: job.mediaId } as const;
  return retryWhileRefused(job, async () => {
    const media = await readMedia(job);
    if (media.status === 'new') await commitStepOf(media, job, { type: 'encoding.started', step });
    return media;
  });
}

async function commitStepOf(
  media: Media,
  { publisher, now }: JobContext,
  { type, step, qualities = media.qualities }: ReportedStep,
): Promise<void> {
  const event = mediaEvent(type, media, qualities, now());
  const [outcome] = await publisher.publish([{ event, step }]);
  if (outcome !== 'committed') throw new Superseded();
}

/** Returns the options of ffmpeg that depend on the job alone. */
export function ffmpegOptions({ mediaDir, ffmpegPath, signal, limits, minFreeBytes }: JobContext) {
  return { mediaDir, ffmpegPath, signal, limits, minFreeBytes };
}
