import { ServiceError } from '../../domain/errors.ts';
import type { Media, MediaType } from '../../domain/media.ts';
import { sourceFile, workDir } from '../files/media-files.ts';
import { clearScratchDirectories } from '../files/scratch-directory.ts';
import { assembleSource } from '../uploads/assemble-source.ts';
import { uploadedFile } from '../uploads/uploaded-file.ts';
import { hasPicture, makeMp4, makeThumbnail } from './derived-files.ts';
import { encodeQualities } from './encode-qualities.ts';
import type { Failure } from './ffmpeg/failures.ts';
import { probe } from './ffmpeg/probe.ts';
import type { Probe } from './ffmpeg/probe-report.ts';
import { commitStart, commitStep, ffmpegOptions, type JobContext, Superseded } from './job-context.ts';
import { retryUntilFinal, retryWhileRefused } from './job-retries.ts';

/**
 * Takes one received media to its end: assembles the file, announces the start, probes, takes a thumbnail, encodes each
 * quality, finishes. A process that died may have done any of these steps; they are then skipped or repeated, and no
 * event is emitted twice. Rejects with the signal's reason when it is aborted.
 */
export async function runJob(job: JobContext): Promise<void> {
  try {
    const { media, failures } = await job.slots.run(job.priority, job.signal, () => begin(job));
    await finish(job, media, await failures);
  } catch (error) {
    if (error instanceof Superseded) return;
    job.signal.throwIfAborted();
    job.logger.error({ err: error, media: job.mediaId }, 'encoding was stopped by an internal error');
    await failAfter(error, job).catch(ignoreSuperseded);
  }
}

/** Does all steps before the encodes, and queues the encodes. `failures` fulfils when all encodes have ended. */
async function begin(job: JobContext): Promise<{ media: Media; failures: Promise<string[]> }> {
  await assemble(job);
  const media = await commitStart(job);
  const found = await probeSource(job);
  if (!found.ok) return { media, failures: Promise.resolve([found.reason]) };
  const hasTakenThumbnail = await takeThumbnail(job, found.probe);
  const type = await saveProbe(job, media, { found: found.probe, hasTakenThumbnail });
  // The qualities queue for slots before the caller frees its slot, so that they go before the next media.
  return { media, failures: encodeQualities(job, { ...media, type }, found.probe) };
}

async function assemble(job: JobContext): Promise<void> {
  const { mediaDir, signal } = job;
  await retryWhileRefused(job, async () => {
    await clearScratchDirectories(workDir(mediaDir));
    await assembleSource(mediaDir, await uploadedFile(mediaDir), { signal });
  });
}

async function probeSource(job: JobContext): Promise<{ ok: true; probe: Probe } | Failure> {
  return retryUntilFinal(job, () => probe(sourceFile(job.mediaDir), job));
}

/**
 * Returns whether the media has a thumbnail now. A failure is only logged, because a media without a thumbnail is
 * better than no media.
 */
async function takeThumbnail(job: JobContext, found: Probe): Promise<boolean> {
  if (!hasPicture(found)) return false;
  const source = sourceFile(job.mediaDir);
  const made = await retryUntilFinal(job, () => makeThumbnail(found, { ...ffmpegOptions(job), source }));
  if (!made.ok) job.logger.warn({ media: job.mediaId, reason: made.reason }, 'no thumbnail could be made');
  return made.ok;
}

/**
 * Stores what the probe found. Returns the type of the media: a file of sound alone makes an audio, whatever type was
 * announced, but an audio may be made of a video.
 */
async function saveProbe(
  job: JobContext,
  media: Media,
  { found, hasTakenThumbnail }: { readonly found: Probe; readonly hasTakenThumbnail: boolean },
): Promise<MediaType> {
  const type = found.video ? media.type : 'audio';
  const facts = { duration: found.durationSeconds, type, hasTakenThumbnail };
  await retryWhileRefused(job, () => job.store.saveProbe(media.id, facts, job.now()));
  return type;
}

/** Makes the MP4 if it was asked for, and emits the one end of the media: everything is done, or why it failed. */
async function finish(job: JobContext, media: Media, failures: readonly string[]): Promise<void> {
  const reasons = [...failures];
  if (reasons.length === 0 && media.isMp4) {
    const made = await retryUntilFinal(job, () =>
      job.slots.run(job.priority, job.signal, () => makeMp4(media.qualities, ffmpegOptions(job))),
    );
    if (!made.ok) reasons.push(`mp4: ${made.reason}`);
  }
  if (reasons.length > 0) return commitFailure(job, reasons);
  await commitStep(job, { type: 'encoding.finished', step: { kind: 'finished', mediaId: job.mediaId } });
}

/** Emits that the media failed by an internal error, even if that was before its start. */
async function failAfter(error: unknown, job: JobContext): Promise<void> {
  // No step leads from `new` to an end.
  await commitStart(job);
  await commitFailure(job, [publicReasonOf(error)]);
}

async function commitFailure(job: JobContext, reasons: readonly string[]): Promise<void> {
  const reason = [...new Set(reasons)].join('; ');
  await commitStep(job, { type: 'encoding.failed', step: { kind: 'failed', mediaId: job.mediaId, reason } });
}

/** Returns what the account may know about an error: the message if it was written for callers, otherwise nothing. */
function publicReasonOf(error: unknown): string {
  return error instanceof ServiceError ? error.message : 'an internal error stopped the encoding';
}

function ignoreSuperseded(error: unknown): void {
  if (!(error instanceof Superseded)) throw error;
}
