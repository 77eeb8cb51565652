import type { Media, Quality } from '../../domain/media.ts';
import { KeyedMutex } from '../../platform/keyed-mutex.ts';
import type { ProbedFacts } from '../../storage/contracts/media.ts';
import { sourceFile } from '../files/media-files.ts';
import { encodeQuality } from './encode-quality.ts';
import { commitStep, ffmpegOptions, inTurn, type JobContext } from './job-context.ts';
import { retryUntilFinal, retryWhileRefused } from './job-retries.ts';
import { playedFacts, playedSeconds } from './played-facts.ts';
import { findDamage } from './source/damage/find-damage.ts';
import type { Probe } from './source/probe-report.ts';
import { fromStorage } from './storage-refused.ts';
import { writePlaylists } from './write-playlists.ts';

/** Media that is being encoded, with the data that the encodes of all its qualities share. */
interface Encoding {
  readonly media: Media;
  readonly found: Probe;
  /** Facts as they are stored. They are corrected by what the encodes show. */
  facts: ProbedFacts;
  /** Notes of the encodes. */
  readonly notes: Set<string>;
  /** Returns notes about parts that cannot be decoded, which are the same for all qualities. */
  readonly findDamage: () => Promise<readonly string[]>;
  /** Finished qualities, which the playlists list. */
  readonly finished: Quality[];
  /**
   * Lets only one quality of the media finish at a time, because finishing a quality rewrites the playlists,
   * which list all finished qualities.
   */
  readonly turns: KeyedMutex;
}

/**
 * Encodes all qualities of a media that are neither done nor failed. Returns one reason for each failed
 * quality, also for the qualities that failed before the service was restarted.
 */
export async function encodeQualities(
  job: JobContext,
  media: Media,
  { found, facts }: Pick<Encoding, 'found' | 'facts'>,
): Promise<string[]> {
  const withStatus = (...statuses: Quality['status'][]) =>
    media.qualities.filter(({ status }) => statuses.includes(status));
  const finished = withStatus('done');
  const own = { finished, notes: new Set<string>(), turns: new KeyedMutex() };
  const encoding = { media, found, facts, ...own, findDamage: damageFinder(job, found) };
  const failures = withStatus('fail').map(({ resolution }) => `${resolution}: it failed before a restart`);
  const results = await Promise.allSettled(
    withStatus('waiting', 'transcoding').map((quality) => encodeToEnd(job, encoding, quality)),
  );
  for (const result of results) {
    if (result.status === 'rejected') throw result.reason;
    if (result.value !== null) failures.push(result.value);
  }
  return failures;
}

/** Returns a function that looks for damage at its first call. */
function damageFinder(job: JobContext, found: Probe): Encoding['findDamage'] {
  let notes: Promise<readonly string[]> | null = null;
  return () => {
    notes ??= findDamage(sourceFile(job.mediaDir), found, job).catch((error) => {
      notes = null;
      throw error;
    });
    return notes;
  };
}

/**
 * Encodes one quality, with retries, and commits the result. Returns the reason if the encode failed; `null`:
 * the quality is done.
 */
async function encodeToEnd(job: JobContext, encoding: Encoding, quality: Quality): Promise<string | null> {
  const { store, mediaId, now } = job;
  const { position, resolution } = quality;
  const outcome = await retryUntilFinal(job, () =>
    inTurn(job, async () => {
      await fromStorage(() => store.moveQuality(mediaId, position, 'transcoding', now()));
      return encodeQuality({
        ...(await ffmpegOptions(job)),
        source: sourceFile(job.mediaDir),
        quality,
        probe: encoding.found,
        mediaType: encoding.media.type,
        segmentDuration: encoding.media.segmentDuration,
        onProgress: (percent) => job.onProgress(position, percent),
        onNote: (note) => encoding.notes.add(note),
        findDamage: encoding.findDamage,
      });
    }),
  );
  if (!outcome.ok) {
    await retryWhileRefused(job, () =>
      fromStorage(() => store.moveQuality(mediaId, position, 'fail', now())),
    );
    return `${resolution}: ${outcome.reason}`;
  }
  await encoding.turns.runExclusive(mediaId, () => finishQuality(job, encoding, quality));
  return null;
}

/**
 * Adds an encoded quality to the playlists, and then commits its event `partial.finished`. In this order, a
 * receiver of the event can play the quality at once.
 */
async function finishQuality(job: JobContext, encoding: Encoding, quality: Quality): Promise<void> {
  const { finished } = encoding;
  const listed = [...finished, quality].toSorted((a, b) => a.position - b.position);
  const written = await retryUntilFinal(job, () => writePlaylists(job.mediaDir, listed));
  if (!written.ok) throw new Error(`the playlists could not be written: ${written.reason}`);
  await correctFacts(job, encoding, quality);
  await commitStep(job, {
    type: 'partial.finished',
    step: { kind: 'quality-done', mediaId: job.mediaId, position: quality.position },
    qualities: [quality],
  });
  finished.push(quality);
}

/** Stores what an encode shows of the file, if it is not what was found before. */
async function correctFacts(job: JobContext, encoding: Encoding, quality: Quality): Promise<void> {
  const seconds = await playedSeconds(job.mediaDir, quality);
  const facts = playedFacts(encoding.facts, seconds, [...encoding.notes]);
  if (facts === encoding.facts) return;
  await retryWhileRefused(job, () => fromStorage(() => job.store.saveProbe(job.mediaId, facts, job.now())));
  encoding.facts = facts;
}
