import type { Media, Quality } from '../../domain/media.ts';
import { sharedSegments } from '../../domain/shared-segments.ts';
import { KeyedMutex } from '../../platform/keyed-mutex.ts';
import type { ProbedFacts } from '../../storage/contracts/media.ts';
import { sourceFile } from '../files/media-files.ts';
import { encodeQuality } from './encode-quality.ts';
import { encodeTogether } from './encode-together.ts';
import { commitStep, ffmpegOptions, inTurn, type JobContext } from './job-context.ts';
import { retryUntilFinal, retryWhileRefused } from './job-retries.ts';
import { shareQuality } from './output/share-segments.ts';
import { planRendition } from './plan/plan-rendition.ts';
import { planRuns } from './plan/runs.ts';
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
  /** HLS qualities that use the segments of DASH, by the position of the DASH quality. */
  readonly sharingOf: ReadonlyMap<number, readonly Quality[]>;
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
  const dashOf = sharedSegments(media.qualities);
  const [sharing, encoded] = partition(withStatus('waiting', 'transcoding'), ({ position }) =>
    dashOf.has(position),
  );
  const sharingOf = Map.groupBy(sharing, ({ position }) => dashOf.get(position)?.position ?? position);
  const encoding = { media, found, facts, ...own, findDamage: damageFinder(job, found), sharingOf };
  const failures = withStatus('fail').map(({ resolution }) => `${resolution}: it failed before a restart`);
  const planned = encoded.map((quality) => ({
    quality,
    rendition: planRendition(quality, found, media.type, media.segmentDuration),
  }));
  const runs = planRuns(planned, finished.length === 0);
  const encodes = runs.map((run) => encodeRun(job, encoding, run));
  const shares = finished.map((quality) => shareWithAll(job, encoding, quality));
  return [...failures, ...(await allOf([...encodes, ...shares]))];
}

function partition<T>(all: readonly T[], isFirst: (one: T) => boolean): [T[], T[]] {
  return [all.filter(isFirst), all.filter((one) => !isFirst(one))];
}

/** Waits until all encodes have ended. Returns the reasons of all, or throws the first error. */
async function allOf(encodes: readonly Promise<string[]>[]): Promise<string[]> {
  const reasons: string[] = [];
  for (const result of await Promise.allSettled(encodes)) {
    if (result.status === 'rejected') throw result.reason;
    reasons.push(...result.value);
  }
  return reasons;
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
 * Encodes qualities in one run of ffmpeg if there are several, and commits the results. Each quality that did not
 * come of the common run is encoded by itself, so that it fails for a reason of its own. Returns one reason for each
 * failed quality.
 */
async function encodeRun(job: JobContext, encoding: Encoding, run: readonly Quality[]): Promise<string[]> {
  const [first, second, ...others] = run;
  const done = first && second ? await encodeAtOnce(job, encoding, [first, second, ...others]) : [];
  const reasons: string[] = [];
  for (const quality of done) reasons.push(...(await finishWithAll(job, encoding, quality)));
  const left = run.filter((quality) => !done.includes(quality));
  return [...reasons, ...(await allOf(left.map((quality) => encodeToEnd(job, encoding, quality))))];
}

/** Commits an encoded quality, and then those that use its segments. Returns one reason for each that failed. */
async function finishWithAll(job: JobContext, encoding: Encoding, quality: Quality): Promise<string[]> {
  report(job, encoding, quality, 100);
  await encoding.turns.runExclusive(job.mediaId, () => finishQuality(job, encoding, quality));
  return shareWithAll(job, encoding, quality);
}

/** Makes the HLS qualities that use the segments of a finished DASH quality. Returns one reason for each that failed. */
function shareWithAll(job: JobContext, encoding: Encoding, dash: Quality): Promise<string[]> {
  const sharing = encoding.sharingOf.get(dash.position) ?? [];
  return allOf(sharing.map((hls) => shareToEnd(job, encoding, { dash, hls })));
}

async function shareToEnd(
  job: JobContext,
  encoding: Encoding,
  pair: { readonly dash: Quality; readonly hls: Quality },
): Promise<string[]> {
  const { store, mediaId, mediaDir, now } = job;
  const { hls } = pair;
  const outcome = await retryUntilFinal(job, async () => {
    await fromStorage(() => store.moveQuality(mediaId, hls.position, 'transcoding', now()));
    return shareQuality(mediaDir, pair);
  });
  return outcome.ok ? finishWithAll(job, encoding, hls) : encodeToEnd(job, encoding, hls);
}

/** Reports the progress of a quality, and of those that use its segments. */
function report(job: JobContext, { sharingOf }: Encoding, { position }: Quality, percent: number): void {
  job.onProgress(position, percent);
  for (const sharing of sharingOf.get(position) ?? [])
    job.onProgress(sharing.position, Math.min(99, percent));
}

/** Encodes qualities in one run of ffmpeg. Returns those that are complete. */
async function encodeAtOnce(
  job: JobContext,
  encoding: Encoding,
  qualities: readonly [Quality, ...Quality[]],
): Promise<readonly Quality[]> {
  const { store, mediaId, now } = job;
  const outcome = await retryUntilFinal(job, () =>
    inTurn(job, async () => {
      for (const { position } of qualities)
        await fromStorage(() => store.moveQuality(mediaId, position, 'transcoding', now()));
      const encoded = await encodeTogether({
        ...(await encodeOptions(job, encoding)),
        qualities,
        onProgress: (percent) => {
          for (const quality of qualities) report(job, encoding, quality, percent);
        },
      });
      // A common run needs more memory than each of its qualities, so that one that was killed is not started again.
      const isFinal = !encoded.ok && (encoded.kind === 'failed' || encoded.kind === 'killed');
      return isFinal ? { ok: true as const, done: [] } : encoded;
    }),
  );
  const done = outcome.ok ? outcome.done.map(({ position }) => position) : [];
  return qualities.filter(({ position }) => done.includes(position));
}

/** Returns the options of encodes of any of the media's qualities. */
async function encodeOptions(job: JobContext, { media, found, notes, findDamage }: Encoding) {
  return {
    ...(await ffmpegOptions(job)),
    source: sourceFile(job.mediaDir),
    probe: found,
    mediaType: media.type,
    segmentDuration: media.segmentDuration,
    onNote: (note: string) => void notes.add(note),
    findDamage,
  };
}

/**
 * Encodes one quality, with retries, and commits the result. Returns the reason if the encode failed, and nothing if
 * the quality is done.
 */
async function encodeToEnd(job: JobContext, encoding: Encoding, quality: Quality): Promise<string[]> {
  const { store, mediaId, now } = job;
  const { position, resolution } = quality;
  const outcome = await retryUntilFinal(job, () =>
    inTurn(job, async () => {
      await fromStorage(() => store.moveQuality(mediaId, position, 'transcoding', now()));
      return encodeQuality({
        ...(await encodeOptions(job, encoding)),
        quality,
        onProgress: (percent) => report(job, encoding, quality, percent),
      });
    }),
  );
  if (!outcome.ok) {
    await retryWhileRefused(job, () =>
      fromStorage(() => store.moveQuality(mediaId, position, 'fail', now())),
    );
    const sharing = encoding.sharingOf.get(position) ?? [];
    const others = await allOf(sharing.map((other) => encodeToEnd(job, encoding, other)));
    return [`${resolution}: ${outcome.reason}`, ...others];
  }
  return finishWithAll(job, encoding, quality);
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
