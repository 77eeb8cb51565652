import type { MediaLimits } from '../../../domain/media-limits.ts';
import { type Probe, type ProbeReport, rational } from './probe-report.ts';

/** Maximum pixels of a side: beyond it H.264 has no level, and players have no texture. */
const MAX_SIDE = 8192;
/** Maximum streams of a file. Recordings of many cameras have a dozen; a file with a thousand was made to cost time. */
const MAX_STREAMS = 64;
/** Maximum frames per second on average. Slow-motion cameras write 960. */
const MAX_INPUT_FRAME_RATE = 1000;

/** Returns why a file is refused by what it claims about itself, in one sentence for people; `null`: it is accepted. */
export function inputRefusal(report: ProbeReport, found: Probe, limits: MediaLimits): string | null {
  const streams = report.streams?.length ?? 0;
  if (streams > MAX_STREAMS) return `the file has ${streams} streams; at most ${MAX_STREAMS} are accepted`;
  if (!(found.durationSeconds > 0)) return 'the file has a duration of 0: there is nothing in it to play';
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
  // An index of a few bytes can claim any number of frames, although the file has none of them.
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
