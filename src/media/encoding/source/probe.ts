import { type Failure, failure, tooLargePictureIn, UNDECODABLE } from '../ffmpeg/failures.ts';
import type { InputDepth } from '../ffmpeg/input-args.ts';
import { isDecodable, withDecodableSound } from './decodable-streams.ts';
import { statedEnd } from './ending/stated-end.ts';
import { readFields } from './fields.ts';
import { neededDepth } from './input-depth.ts';
import { earlyRefusal, inputRefusal, NOTHING_TO_PLAY, withTrueRates } from './input-limits.ts';
import { type JoinOptions, readJoinedTimes } from './joined-times.ts';
import type { FilePackets } from './packet-times.ts';
import { readPictureSizes } from './picture-sizes.ts';
import {
  canBeJoined,
  isCover,
  isReadable,
  isVideo,
  type Probe,
  type ProbeReport,
  type ReportedStream,
  readReport,
} from './probe-report.ts';
import { readHeaders, readPackets } from './read-file.ts';
import { sizeNotes, sourceNotes } from './source-notes.ts';

export type ProbeOptions = JoinOptions;

const NOTHING_PLAYABLE = 'the file contains no video or audio that can be decoded';

/** Everything that ffprobe says about a file, before it is judged. */
export interface ReadSource {
  readonly report: ProbeReport;
  readonly packets: FilePackets;
  /** `null`: as far as ffmpeg reads by default. */
  readonly depth: InputDepth | null;
  /** Where a file that was cut off should end, in bytes; `null`: it does not show that it was cut off. */
  readonly statedEnd: number | null;
}

/**
 * Reads the streams and the duration of a received file, and decides whether the file is accepted. Rejects if
 * ffprobe or ffmpeg cannot be started.
 */
export async function probe(
  file: string,
  options: ProbeOptions,
): Promise<{ ok: true; probe: Probe } | Failure> {
  const read = await readSource(file, options);
  return read.ok ? judgeSource(file, read.source, options) : read;
}

/** Returns the facts about a file that was read, or why it is refused. */
export async function judgeSource(
  file: string,
  source: ReadSource,
  options: ProbeOptions,
): Promise<{ ok: true; probe: Probe } | Failure> {
  const { report } = source;
  const found = await findTimes(file, source, options);
  if (!found.ok) return found;
  if (!found.probe.video && !found.probe.audio) {
    const { streams = [] } = report;
    const isEmpty = streams.some((stream) => isPlayable(stream) && isReadable(stream) && !isCover(stream));
    return failure('failed', isEmpty ? NOTHING_TO_PLAY : NOTHING_PLAYABLE);
  }
  const refusal = inputRefusal(report, found.probe, options.limits);
  if (refusal !== null) return failure('failed', refusal);
  const deep = { ...options, limits: { ...options.limits, depth: source.depth } };
  const audible = await withDecodableSound(file, found.probe, deep);
  if (!audible.video && !audible.audio) return UNDECODABLE;
  return { ok: true, probe: await withFields(file, audible, deep) };
}

function isPlayable({ codec_type: type }: ReportedStream): boolean {
  return type === 'video' || type === 'audio';
}

async function withFields(file: string, found: Probe, options: ProbeOptions): Promise<Probe> {
  const { video } = found;
  if (!video) return found;
  const { interlaced, unmarked } = await readFields(file, video, options);
  return { ...found, video: { ...video, interlaced, frame: { ...video.frame, unmarkedFields: unmarked } } };
}

/** Reads the headers and the packets of a file, deeper if a stream begins late. */
export async function readSource(
  file: string,
  options: ProbeOptions,
): Promise<{ ok: true; source: ReadSource } | Failure> {
  const first = await readAtDepth(file, options, null);
  if (!first.ok) return first;
  const depth = neededDepth(first.source.report, first.source.packets);
  if (depth === null) return first;
  return readAtDepth(file, options, depth);
}

async function readAtDepth(
  file: string,
  options: ProbeOptions,
  depth: InputDepth | null,
): Promise<{ ok: true; source: ReadSource } | Failure> {
  const deep = { ...options, limits: { ...options.limits, depth } };
  const headers = await readHeaders(file, deep);
  if (!headers.ok) return headers;
  const { report, stderr } = headers;
  const refusal = earlyRefusal(report, options.limits) ?? unreadablePicture(report, stderr);
  if (refusal !== null) return failure('failed', refusal);
  const read = await readPackets(file, deep);
  if (!read.ok) return read;
  const { packets } = read;
  const checked = withTrueRates(report, packets.times);
  return { ok: true, source: { report: checked, packets, depth, statedEnd: await statedEnd(file) } };
}

/** Returns the refusal of a file whose only picture is so large that ffprobe does not decode it. */
function unreadablePicture({ streams = [] }: ProbeReport, stderr: string): string | null {
  const pictures = streams.filter((stream) => stream.codec_type === 'video' && !isCover(stream));
  return pictures.some(isReadable) || pictures.length === 0 ? null : tooLargePictureIn(stderr);
}

/** Returns whether anything is left of a file without the picture that was chosen. */
function hasOther({ streams = [] }: ProbeReport, { video, audio }: Probe): boolean {
  const isOther = (stream: ReportedStream) => isVideo(stream) && stream.index !== video?.stream;
  return audio !== null || streams.some((stream) => isOther(stream) && !isCover(stream));
}

/** Maximum number of pictures of a file that are skipped, because each is read to its end. */
const MAX_SKIPPED = 2;

/**
 * Returns the facts about a file. If its times jump, ffmpeg is asked for the times that it makes of them. A picture of
 * which nothing can be decoded is skipped if anything else is left.
 */
async function findTimes(
  file: string,
  source: ReadSource,
  options: ProbeOptions,
  undecodable: readonly number[] = [],
): Promise<{ ok: true; probe: Probe } | Failure> {
  const { packets, depth } = source;
  const streams = source.report.streams?.filter(({ index }) => !undecodable.includes(index)) ?? [];
  const report = { ...source.report, streams };
  const found = readReport(report, packets.times);
  const used = [found.video, found.audio].flatMap((stream) => stream?.stream ?? []);
  const isJoined = canBeJoined(report) && packets.jumps.some(({ stream }) => used.includes(stream));
  const limits = { ...options.limits, depth };
  const joined = isJoined ? await readJoinedTimes(file, used, { ...options, limits }) : null;
  if (joined && !joined.ok) return joined;
  const times = joined ? { ...readReport(report, joined.times), joined: used } : found;
  const shown = times.video && packets.times.get(times.video.stream);
  const read =
    times.video && shown ? await readPictureSizes(file, times.video, shown, { ...options, limits }) : null;
  if (read && !read.ok) return read;
  const { video } = times;
  const sizes = read?.sizes ?? [];
  const isSeen = sizes.length > 0 || undecodable.length === MAX_SKIPPED;
  if (video && !isSeen && hasOther(report, times)) {
    const isPicture = await isDecodable(file, video.stream, { ...options, limits });
    if (!isPicture) return findTimes(file, source, options, [...undecodable, video.stream]);
  }
  const hasStrays = !joined && packets.jumps.some(({ stream, isStray }) => isStray && used.includes(stream));
  const facts = {
    ...times,
    ...(undecodable.length > 0 ? { undecodable } : {}),
    ...(hasStrays ? { hasStrays: true as const } : {}),
  };
  const notes = [...times.notes, ...sourceNotes(source, facts), ...sizeNotes(sizes)];
  return { ok: true, probe: { ...facts, notes, ...(depth ? { depth } : {}) } };
}
