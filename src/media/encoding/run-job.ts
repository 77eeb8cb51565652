import { ServiceError } from '../../domain/errors.ts';
import type { EventType } from '../../domain/event.ts';
import type { Media, MediaStep, Quality, QualityRequest } from '../../domain/media.ts';
import type { MediaLimits } from '../../domain/media-limits.ts';
import { mediaEvent } from '../../events/media-event.ts';
import type { Publisher } from '../../events/publisher.ts';
import type { MediaStore } from '../../storage/contracts/media.ts';
import { mediaDir, sourceFile } from '../files/media-files.ts';
import { clearScratchDirectories } from '../files/scratch-directory.ts';
import { assembleSource, uploadedFile } from '../uploads/upload.ts';
import { hasPicture, makeMp4, makeThumbnail } from './derived-files.ts';
import { encodeQuality } from './encode-quality.ts';
import type { EncoderSlots } from './encoder-slots.ts';
import type { Failure } from './ffmpeg/failures.ts';
import { probe } from './ffmpeg/probe.ts';
import type { Probe } from './ffmpeg/probe-report.ts';
import { retryUntilFinal, retryWhileRefused, type Waiting } from './job-retries.ts';
import { publishPlaylists } from './write-playlists.ts';

export interface EncodingOptions extends Waiting {
  readonly store: MediaStore;
  readonly publisher: Publisher;
  readonly slots: EncoderSlots;
  readonly dataDir: string;
  readonly ffmpegPath: string;
  readonly ffprobePath: string;
  /** `DEFAULT_MEDIA_LIMITS` if left out. */
  readonly limits?: MediaLimits;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export interface EncodingJob {
  readonly mediaId: string;
  /** Jobs with a lower number go first. */
  readonly priority: number;
  readonly signal: AbortSignal;
  /** Told of each quality's percentage, by its position. */
  readonly onProgress: (position: number, percent: number) => void;
}

/** Says that the media was deleted, or has ended, while it was worked on: there is nothing left to do. */
class Superseded extends Error {
  override readonly name = 'Superseded';
}

/**
 * Takes one received media to its end: assemble, start, look, encode each quality, end. Every step may have been
 * done by a process that died, and is then passed over or done again; none is told twice.
 * Rejects with the signal's reason when aborted.
 */
export async function runJob(job: EncodingJob, options: EncodingOptions): Promise<void> {
  try {
    const begun = await options.slots.run(job.priority, job.signal, async () => {
      const found = await prepare(job, options);
      if (!found.ok) return { failures: Promise.resolve([found.reason]) };
      const { qualities } = await current(job, options);
      // They are in the queue before this slot is free, so that they come before the next media.
      return { failures: encodeQualities(job, options, found.probe, qualities) };
    });
    await end(job, options, await begun.failures);
  } catch (error) {
    if (error instanceof Superseded) return;
    job.signal.throwIfAborted();
    options.logger.error({ err: error, media: job.mediaId }, 'encoding was stopped by an internal error');
    await end(job, options, [reasonOf(error)]).catch(ignoreSuperseded);
  }
}

async function prepare(
  job: EncodingJob,
  options: EncodingOptions,
): Promise<{ ok: true; probe: Probe } | Failure> {
  const dir = mediaDir(options.dataDir, job.mediaId);
  await retryWhileRefused(job, options, async () => {
    await clearScratchDirectories(dir);
    await assembleSource(dir, await uploadedFile(dir), { signal: job.signal });
  });
  const media = await started(job, options);

  const found = await retryUntilFinal(job, options, () =>
    probe(sourceFile(dir), {
      ffprobePath: options.ffprobePath,
      signal: job.signal,
      ...limitsOf(options),
    }),
  );
  if (!found.ok) return found;
  // A file of sound alone makes an audio, whatever it was announced as; an audio may be taken from a video.
  const type = found.probe.video ? media.type : 'audio';
  const duration = found.probe.durationSeconds;
  const hasTakenThumbnail = await takeThumbnail(job, options, found.probe);
  const facts = { duration, type, hasTakenThumbnail };
  await retryWhileRefused(job, options, () => options.store.saveProbe(media.id, facts, options.now()));
  return found;
}

/** Whether there is one. */
async function takeThumbnail(job: EncodingJob, options: EncodingOptions, found: Probe): Promise<boolean> {
  if (!hasPicture(found)) return false;
  const made = await retryUntilFinal(job, options, () =>
    makeThumbnail(found, packagingOptions(job, options)),
  );
  // A media without a thumbnail is worth more than none.
  if (!made.ok)
    options.logger.warn({ media: job.mediaId, reason: made.reason }, 'no thumbnail could be made');
  return made.ok;
}

/** Encodes what is not done yet; returns why qualities failed, if any did. */
async function encodeQualities(
  job: EncodingJob,
  options: EncodingOptions,
  found: Probe,
  qualities: readonly Quality[],
): Promise<string[]> {
  const failures = qualities.filter((quality) => quality.status === 'fail').map(failedEarlier);
  const waiting = qualities.filter(({ status }) => status === 'waiting' || status === 'transcoding');
  // Playlists are written by one quality at a time.
  const publishing = { turn: Promise.resolve() };
  const results = await Promise.allSettled(
    waiting.map((quality) => encodeOne(job, options, { quality, found, publishing })),
  );
  for (const result of results) {
    if (result.status === 'rejected') throw result.reason;
    if (result.value !== null) failures.push(result.value);
  }
  return failures;
}

interface EncodingOne {
  readonly quality: Quality;
  readonly found: Probe;
  readonly publishing: { turn: Promise<void> };
}

/** Null when the quality is done, or why it failed. */
async function encodeOne(
  job: EncodingJob,
  options: EncodingOptions,
  { quality, found, publishing }: EncodingOne,
): Promise<string | null> {
  const { store, slots, now } = options;
  const { position } = quality;
  const outcome = await retryUntilFinal(job, options, () =>
    slots.run(job.priority, job.signal, async () => {
      const media = await current(job, options);
      await store.moveQuality(media.id, position, 'transcoding', now());
      return encodeQuality({
        ...packagingOptions(job, options),
        quality,
        probe: found,
        mediaType: media.type,
        segmentDuration: media.segmentDuration,
        onProgress: (percent) => job.onProgress(position, percent),
      });
    }),
  );
  if (!outcome.ok) {
    await retryWhileRefused(job, options, () => store.moveQuality(job.mediaId, position, 'fail', now()));
    return `${quality.resolution}: ${outcome.reason}`;
  }
  const turn = publishing.turn.then(() => finishQuality(job, options, quality));
  publishing.turn = turn.catch(() => undefined);
  await turn;
  return null;
}

/** The quality can be played before its event says that it is there. */
async function finishQuality(job: EncodingJob, options: EncodingOptions, quality: Quality): Promise<void> {
  const media = await current(job, options);
  const finished = media.qualities.filter((q) => q.status === 'done' || q.position === quality.position);
  const published = await retryUntilFinal(job, options, () =>
    publishPlaylists(mediaDir(options.dataDir, media.id), finished),
  );
  if (!published.ok) throw new Error(`the playlists could not be written: ${published.reason}`);
  await publish(job, options, 'partial.finished', [quality], ({ id }) => ({
    kind: 'quality-done',
    mediaId: id,
    position: quality.position,
  }));
}

/** The media, which has started now if it had not. */
async function started(job: EncodingJob, options: EncodingOptions): Promise<Media> {
  const media = await current(job, options);
  if (media.status !== 'new') return media;
  const step = ({ id }: Media): MediaStep => ({ kind: 'started', mediaId: id });
  await publish(job, options, 'encoding.started', media.qualities, step);
  return media;
}

/** Emits the one end of the media: all is done, or why it failed, be it before the first encode. */
async function end(job: EncodingJob, options: EncodingOptions, failures: readonly string[]): Promise<void> {
  const reasons = [...failures];
  // From `new` there is no step to an end.
  const media = await started(job, options);
  if (reasons.length === 0 && media.isMp4) {
    const made = await retryUntilFinal(job, options, () =>
      options.slots.run(job.priority, job.signal, () =>
        makeMp4(media.qualities, packagingOptions(job, options)),
      ),
    );
    if (!made.ok) reasons.push(`mp4: ${made.reason}`);
  }
  if (reasons.length === 0) {
    const step = ({ id }: Media): MediaStep => ({ kind: 'finished', mediaId: id });
    await publish(job, options, 'encoding.finished', media.qualities, step);
  } else {
    const reason = [...new Set(reasons)].join('; ');
    const step = ({ id }: Media): MediaStep => ({ kind: 'failed', mediaId: id, reason });
    await publish(job, options, 'encoding.failed', media.qualities, step);
  }
}

/** The media as it is now; throws when it was deleted. */
async function current(job: EncodingJob, { store }: EncodingOptions): Promise<Media> {
  job.signal.throwIfAborted();
  const media = await store.findAny(job.mediaId);
  if (!media) throw new Superseded();
  return media;
}

/** Commits a step with its event; throws when the media is not in the state that the step starts from. */
async function publish(
  job: EncodingJob,
  options: EncodingOptions,
  type: EventType,
  qualities: readonly QualityRequest[],
  stepOf: (media: Media) => MediaStep,
): Promise<void> {
  await retryWhileRefused(job, options, async () => {
    const media = await current(job, options);
    const event = mediaEvent(type, media, qualities, options.now());
    const [outcome] = await options.publisher.publish([{ event, step: stepOf(media) }]);
    if (outcome !== 'committed') throw new Superseded();
  });
}

function packagingOptions(job: EncodingJob, options: EncodingOptions) {
  const { dataDir, ffmpegPath } = options;
  return {
    mediaDir: mediaDir(dataDir, job.mediaId),
    ffmpegPath,
    signal: job.signal,
    ...limitsOf(options),
  };
}

function limitsOf({ limits }: EncodingOptions): { limits?: MediaLimits } {
  return limits === undefined ? {} : { limits };
}

function failedEarlier(quality: Quality): string {
  return `${quality.resolution}: it failed before a restart`;
}

/** What an error says to the account: those that are made for callers tell what they tell, others nothing. */
function reasonOf(error: unknown): string {
  return error instanceof ServiceError ? error.message : 'an internal error stopped the encoding';
}

function ignoreSuperseded(error: unknown): void {
  if (!(error instanceof Superseded)) throw error;
}
