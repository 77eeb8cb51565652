import { ServiceError } from '../../domain/errors.ts';
import type { Media, MediaType } from '../../domain/media.ts';
import { sharedSegments } from '../../domain/shared-segments.ts';
import type { ProbedFacts } from '../../storage/contracts/media.ts';
import { encodedBytes, sourceFile, workDir } from '../files/media-files.ts';
import { clearScratchDirectories } from '../files/scratch-directory.ts';
import { assembleSource } from '../uploads/assemble-source.ts';
import { uploadedFile } from '../uploads/uploaded-file.ts';
import { hasPicture, makeMp4, makeThumbnail } from './derived-files.ts';
import { encodeQualities } from './encode-qualities.ts';
import type { Failure } from './ffmpeg/failures.ts';
import {
  commitStart,
  commitStep,
  ffmpegOptions,
  inTurn,
  type JobContext,
  Superseded,
} from './job-context.ts';
import { retryUntilFinal, retryWhileRefused } from './job-retries.ts';
import { notesOf } from './plan/notes.ts';
import { planRendition } from './plan/plan-rendition.ts';
import { factsAfterRestart } from './played-facts.ts';
import { estimateOutput } from './room/estimate.ts';
import { probe } from './source/probe.ts';
import type { Probe } from './source/probe-report.ts';
import { fromStorage } from './storage-refused.ts';

/**
 * Runs the whole encoding of one received media: assembles the file, commits the start, probes the file,
 * takes a thumbnail, encodes each quality, and commits the end. If an earlier process did some of this work
 * and then died, the finished work is skipped or repeated, but no event is emitted twice. Rejects with the
 * signal's reason if the signal is aborted.
 */
export async function runJob(job: JobContext): Promise<void> {
  try {
    const begun = await beginWithRoom(job);
    if (begun.ok) await finish(job, begun.media, await begun.failures);
    else await failAfter(job, begun.reason);
  } catch (error) {
    if (error instanceof Superseded) return;
    job.signal.throwIfAborted();
    job.logger.error({ err: error, media: job.mediaId }, 'encoding was stopped by an internal error');
    await failAfter(job, publicReasonOf(error)).catch(ignoreSuperseded);
  }
}

/** Result of `begin`. `failures` resolves with one reason for each failed quality when all encodes have ended. */
interface Begun {
  readonly ok: true;
  readonly media: Media;
  readonly failures: Promise<string[]>;
}

/** Begins the job. Waits for other media of the account if there is too little room for the encoded files. */
async function beginWithRoom(job: JobContext): Promise<Begun | Failure> {
  for (;;) {
    // If the machine is in trouble, the job waits without a slot, so that the other jobs can use the slot.
    const begun = await retryUntilFinal(job, () => inTurn(job, () => begin(job)));
    const freed = job.room.takeFreed();
    if (begun.ok || freed === null) return begun;
    await unlessAborted(freed, job.signal);
  }
}

/**
 * Does all work that precedes the encodes, and queues the encodes. Can be called again after it failed.
 * Throws `StorageRefused` if the storage fails.
 */
async function begin(job: JobContext): Promise<Begun | Failure> {
  await assemble(job);
  const media = await commitStart(job);
  const found = await probe(sourceFile(job.mediaDir), job);
  if (!found.ok) return found;
  const refused = await reserveRoom(job, media, found.probe);
  if (refused) return refused;
  const hasTakenThumbnail = await takeThumbnail(job, found.probe);
  const facts = await saveProbe(job, media, { found: found.probe, hasTakenThumbnail });
  const typed = { ...media, type: facts.type };
  const of = { found: found.probe, facts };
  // The encodes are queued for slots before the caller frees its own slot, so that these encodes start before
  // those of the account's next media.
  return { ok: true, media, failures: encodeQualities(job, typed, of) };
}

async function assemble({ mediaDir, signal }: JobContext): Promise<void> {
  await clearScratchDirectories(workDir(mediaDir));
  await assembleSource(mediaDir, await uploadedFile(mediaDir), { signal });
}

/**
 * Takes a thumbnail from the media, and returns whether this succeeded. A failure is only logged, because a
 * media without a thumbnail is better than no media.
 */
async function takeThumbnail(job: JobContext, found: Probe): Promise<boolean> {
  if (!hasPicture(found)) return false;
  const source = sourceFile(job.mediaDir);
  const made = await retryUntilFinal(job, async () =>
    makeThumbnail(found, { ...(await ffmpegOptions(job)), source }),
  );
  if (!made.ok) job.logger.warn({ media: job.mediaId, reason: made.reason }, 'no thumbnail could be made');
  return made.ok;
}

/**
 * Reserves room for all files that are still to be made, so that an account that has too little of it is told so before
 * anything is encoded. Returns the failure then.
 */
async function reserveRoom(job: JobContext, media: Media, found: Probe): Promise<Failure | null> {
  const dashOf = sharedSegments(media.qualities);
  const renditions = media.qualities
    .filter(({ status, position }) => status !== 'done' && status !== 'fail' && !dashOf.has(position))
    .map((quality) => planRendition(quality, found, typeOf(media, found), media.segmentDuration));
  const { durationSeconds } = found;
  const estimated = estimateOutput({ renditions, durationSeconds, isMp4: media.isMp4 });
  const kept = await encodedBytes(job.mediaDir);
  return fromStorage(() => job.room.reserve(kept, estimated));
}

/**
 * Returns the type of a media. A file without video becomes a media of the type `audio`, whatever type was requested. A
 * media that was requested as `audio` stays `audio`, even if its file has video.
 */
function typeOf(media: Media, found: Probe): MediaType {
  return found.video ? media.type : 'audio';
}

/**
 * Stores the results of the probe, and returns them, with the type of the media.
 */
async function saveProbe(
  job: JobContext,
  media: Media,
  { found, hasTakenThumbnail }: { readonly found: Probe; readonly hasTakenThumbnail: boolean },
): Promise<ProbedFacts> {
  const type = typeOf(media, found);
  const notes = notesOf(found, media);
  const fresh = { duration: found.durationSeconds, type, notes, hasTakenThumbnail };
  const facts = await factsAfterRestart(job.mediaDir, fresh, media);
  await fromStorage(() => job.store.saveProbe(media.id, facts, job.now()));
  return facts;
}

/**
 * Makes the MP4 if it was requested, and commits the end of the media with its one final event:
 * `encoding.finished` if all work succeeded, otherwise `encoding.failed` with the reasons.
 */
async function finish(job: JobContext, media: Media, failures: readonly string[]): Promise<void> {
  const reasons = [...failures];
  if (reasons.length === 0 && media.isMp4) {
    const made = await retryUntilFinal(job, () =>
      inTurn(job, async () => makeMp4(media.qualities, await ffmpegOptions(job))),
    );
    if (!made.ok) reasons.push(`mp4: ${made.reason}`);
  }
  if (reasons.length > 0) return commitFailure(job, reasons);
  await countFiles(job);
  await commitStep(job, { type: 'encoding.finished', step: { kind: 'finished', mediaId: job.mediaId } });
}

/** Commits that the media failed, even if the start of its encoding was not committed before. */
async function failAfter(job: JobContext, reason: string): Promise<void> {
  // The start is committed first, because a media cannot change from `new` directly to a final state.
  await retryWhileRefused(job, () => commitStart(job));
  await commitFailure(job, [reason]);
}

/**
 * Stores how many bytes the files of the media take, in place of what was reserved for them. If they can't be measured,
 * the next start of the service measures them.
 */
async function countFiles(job: JobContext): Promise<void> {
  const { mediaDir, mediaId: media, usage, signal, logger } = job;
  try {
    await retryWhileRefused(job, async () => {
      const bytes = await encodedBytes(mediaDir);
      await fromStorage(() => usage.saveEncoded(media, bytes));
    });
  } catch (err) {
    signal.throwIfAborted();
    logger.warn({ err, media }, 'the encoded files of a media could not be measured');
  }
}

async function commitFailure(job: JobContext, reasons: readonly string[]): Promise<void> {
  const reason = [...new Set(reasons)].join('; ');
  await countFiles(job);
  await commitStep(job, { type: 'encoding.failed', step: { kind: 'failed', mediaId: job.mediaId, reason } });
}

/**
 * Returns the explanation of an error that the account is allowed to see. The message of a `ServiceError` is
 * written for clients. The message of any other error is replaced, because that message might contain
 * internal details.
 */
function publicReasonOf(error: unknown): string {
  return error instanceof ServiceError ? error.message : 'an internal error stopped the encoding';
}

/** Waits for `promise`. Rejects with the signal's reason if the signal is aborted before. */
async function unlessAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  await Promise.race([promise, aborted]).finally(() => signal.removeEventListener('abort', abort));
}

function ignoreSuperseded(error: unknown): void {
  if (!(error instanceof Superseded)) throw error;
}
