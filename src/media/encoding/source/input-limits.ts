import type { MediaLimits } from '../../../domain/media-limits.ts';
import type { PacketTimes } from './packet-times.ts';
import { isCover, isVideo, type Probe, type ProbeReport, rational } from './probe-report.ts';

/**
 * Maximum width and height in pixels. The highest levels of H.264 are made for pictures of up to 8192×4320
 * pixels, and many players cannot show a larger picture, because it does not fit into a texture of the
 * graphics processor.
 */
const MAX_SIDE = 8192;
/**
 * Maximum number of streams of a file. A recording that several cameras made together has about a dozen
 * streams. A file with a thousand streams is probably an attack that wastes processing time.
 */
const MAX_STREAMS = 64;
/** Maximum average number of frames per second. Slow-motion cameras record 960 frames per second. */
const MAX_INPUT_FRAME_RATE = 1000;

/**
 * Returns a report in which no stream states more frames per second than its packets show. The number is derived from
 * the units of time in some formats, such as DV with ffprobe 8, and files can state any number.
 */
export function withTrueRates(
  report: ProbeReport,
  times: ReadonlyMap<number, Pick<PacketTimes, 'count' | 'start' | 'end'>>,
): ProbeReport {
  const streams = report.streams?.map((stream) => {
    const { count = 0, start = 0, end = 0 } = times.get(stream.index) ?? {};
    const isFalse = rational(stream.avg_frame_rate) > MAX_INPUT_FRAME_RATE && count > 1 && end > start;
    return isFalse ? { ...stream, avg_frame_rate: `${count / (end - start)}` } : stream;
  });
  return streams ? { ...report, streams } : report;
}

/** Reason of the refusal of a file that contains no picture and no sound. */
export const NOTHING_TO_PLAY = 'the file has a duration of 0: there is nothing in it to play';

/**
 * Checks the number of streams and the sizes of pictures, before all packets of the file are read. Returns the
 * reason of the refusal; `null`: the file is not refused yet.
 */
export function earlyRefusal(report: ProbeReport, { maxPixels }: MediaLimits): string | null {
  const streams = report.streams ?? [];
  if (streams.length > MAX_STREAMS) {
    return `the file has ${streams.length} streams; at most ${MAX_STREAMS} are accepted`;
  }
  const pictures = streams.filter((stream) => isVideo(stream) && !isCover(stream));
  const sizes = pictures.map(({ width = 0, height = 0 }) => [width, height] as const);
  // Only one picture is encoded, so that the file is refused if none is small enough.
  const [first] = sizes;
  const isRefused = sizes.every(([width, height]) => width * height > maxPixels);
  return first && isRefused ? tooManyPixels(...first, maxPixels) : null;
}

/**
 * Checks the number of streams, the duration, the picture size and the frame rate of a file against the
 * limits. Returns the reason of the refusal, as one sentence that is shown to the account; `null`: the file
 * is accepted.
 */
export function inputRefusal(report: ProbeReport, found: Probe, limits: MediaLimits): string | null {
  const refused = earlyRefusal(report, limits);
  if (refused !== null) return refused;
  if (!(found.durationSeconds > 0)) return NOTHING_TO_PLAY;
  if (found.durationSeconds > limits.maxDurationSeconds) {
    const [has, most] = [found.durationSeconds, limits.maxDurationSeconds].map(Math.floor);
    return `the file lasts ${has} seconds; at most ${most} are accepted`;
  }
  return found.video && pictureRefusal(report, found.video, limits);
}

function pictureRefusal(
  report: ProbeReport,
  { stream, width, height }: NonNullable<Probe['video']>,
  { maxPixels }: MediaLimits,
): string | null {
  if (Math.max(width, height) > MAX_SIDE || width * height > maxPixels) {
    return tooManyPixels(width, height, maxPixels);
  }
  const reported = report.streams?.find(({ index }) => index === stream);
  const frames = Number(reported?.nb_frames ?? 0);
  // A file that claims more frames than it has bytes is refused. A few bytes in the index of a file can claim
  // any number of frames, although the frames do not exist.
  if (frames > Number(report.format?.size ?? Number.POSITIVE_INFINITY)) {
    return `the file claims ${frames} frames, which are more than it has bytes`;
  }
  const rate = rational(reported?.avg_frame_rate);
  if (rate > MAX_INPUT_FRAME_RATE) {
    return `the video has ${Math.round(rate)} frames per second; at most ${MAX_INPUT_FRAME_RATE} are accepted`;
  }
  return null;
}

function tooManyPixels(width: number, height: number, maxPixels: number): string {
  return (
    `the picture is ${width}×${height} pixels large; ` +
    `at most ${maxPixels} pixels are accepted, and ${MAX_SIDE} on a side`
  );
}
