import type { MediaLimits } from '../../../domain/media-limits.ts';
import { outcomeOf } from '../ffmpeg/failures.ts';
import { type InputLimits, mediaInputArgs } from '../ffmpeg/input-args.ts';
import { launcher } from '../ffmpeg/launcher.ts';
import { probeBounds } from '../ffmpeg/limits.ts';
import type { FieldOrder } from './decoded-frame.ts';
import type { VideoStream } from './probe-report.ts';

/** Facts about the fields of a video. */
export interface Fields {
  readonly interlaced: boolean;
  /** Order of the fields of frames that are interlaced and do not say so; `null`: the frames say it. */
  readonly unmarked: FieldOrder | null;
}

/** Orders of fields by the names that ffprobe gives to them. The second letter is the field that is shown first. */
const ORDERS: Readonly<Record<string, FieldOrder>> = { tt: 'tff', bb: 'bff', tb: 'bff', bt: 'tff' };

/** Codecs that mark their interlaced frames. */
const MARKING_CODECS = ['dvvideo', 'mpeg2video', 'h264', 'mjpeg', 'prores', 'vc1', 'wmv3', 'mpeg4'];

/** Number of frames that are decoded to find out whether frames are interlaced. */
const EXAMINED_FRAMES = 8;

/**
 * Returns what a file says about the fields of a video. Some containers say nothing, such as DV, and some say that a
 * video is interlaced whose frames are not: then the first frames are decoded and looked at.
 */
export async function readFields(
  file: string,
  video: Pick<VideoStream, 'stream' | 'codec' | 'frame'>,
  options: {
    readonly ffprobePath: string;
    readonly signal: AbortSignal;
    readonly limits: MediaLimits & InputLimits;
  },
): Promise<Fields> {
  const { declaredFields } = video.frame;
  const declared = ORDERS[declaredFields] ?? null;
  const isMarking = MARKING_CODECS.includes(video.codec);
  if (declaredFields === 'progressive' || (declared === null && !isMarking)) {
    return { interlaced: false, unmarked: null };
  }
  const frames = await interlacedFrames(file, video.stream, options);
  if (frames.includes(true)) return { interlaced: true, unmarked: null };
  const isBelieved = declared !== null && (!isMarking || frames.length === 0);
  return { interlaced: isBelieved, unmarked: isBelieved ? declared : null };
}

/** Returns for each of the first frames whether it is interlaced; an empty list: no frame can be decoded. */
async function interlacedFrames(
  file: string,
  stream: number,
  { ffprobePath, signal, limits }: Parameters<typeof readFields>[2],
): Promise<boolean[]> {
  const frames: boolean[] = [];
  const args = [
    ...['-v', 'error', '-of', 'csv=p=0', '-select_streams', String(stream)],
    ...['-read_intervals', `%+#${EXAMINED_FRAMES}`, '-show_entries', 'frame=interlaced_frame'],
    ...mediaInputArgs(file, limits),
  ];
  const onLine = (line: string) => {
    const [, flag] = /^([01])(?:,|$)/.exec(line.trim()) ?? [];
    if (flag !== undefined) frames.push(flag === '1');
  };
  const end = await launcher.run(ffprobePath, args, { signal, onLine, bounds: probeBounds(limits) });
  return outcomeOf(end).ok ? frames : [];
}
