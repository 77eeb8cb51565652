import { type Failure, outcomeOf } from '../ffmpeg/failures.ts';
import { mediaInputArgs } from '../ffmpeg/input-args.ts';
import { launcher } from '../ffmpeg/launcher.ts';
import { measureBounds } from '../ffmpeg/limits.ts';
import type { FoundPackets } from './packet-times.ts';
import type { VideoStream } from './probe-report.ts';
import type { ReadOptions } from './read-file.ts';

/**
 * Maximum number of pixels that are decoded to learn whether the size of a picture changes: about 16 seconds of one
 * core. An hour of 1080p with a key frame every two seconds has fewer in its key frames.
 */
const MAX_PIXELS = 4_000_000_000;
/** Maximum number of sizes that are told apart. */
const MAX_SIZES = 4;

/**
 * Returns the different sizes of a picture, such as `640×360`, in the order in which they come. Only key frames are
 * decoded, because a size changes nowhere else. Returns no size if that costs too much, or if there is one key frame.
 */
export async function readPictureSizes(
  file: string,
  { stream, frame }: Pick<VideoStream, 'stream' | 'frame'>,
  packets: Pick<FoundPackets, 'keyFrames'>,
  { ffprobePath, signal, limits }: ReadOptions,
): Promise<{ ok: true; sizes: readonly string[] } | Failure> {
  const { keyFrames } = packets;
  if (keyFrames < 2 || keyFrames * frame.width * frame.height > MAX_PIXELS) return { ok: true, sizes: [] };
  const sizes = new Set<string>();
  const onLine = (line: string) => {
    const [, width, height] = /^(\d+),(\d+)/.exec(line) ?? [];
    if (width !== undefined && sizes.size < MAX_SIZES) sizes.add(`${width}×${height}`);
  };
  const args = [
    ...['-v', 'error', '-skip_frame', 'nokey', '-select_streams', String(stream), '-of', 'csv=p=0'],
    ...['-show_entries', 'frame=width,height', ...mediaInputArgs(file, limits)],
  ];
  const end = await launcher.run(ffprobePath, args, { signal, onLine, bounds: measureBounds(limits) });
  const outcome = outcomeOf(end);
  if (outcome.ok) return { ok: true, sizes: [...sizes] };
  // A picture that can't be decoded is no reason to refuse a file before it is encoded.
  return outcome.kind === 'failed' ? { ok: true, sizes: [] } : outcome;
}
