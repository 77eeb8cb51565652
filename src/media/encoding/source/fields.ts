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

/** Codecs of which ffmpeg marks all frames as interlaced, because the files do not say it. */
const ALWAYS_MARKING_CODECS = ['dvvideo'];

/** Number of frames of which the two fields are compared. */
const COMPARED_FRAMES = 100;
/**
 * Minimum factor by which fields of two frames differ more from each other than those of one frame, if the fields of a frame
 * were taken at one time. Seen: 1.2 to 11 with film, 0.96 to 1.4 with interlaced pictures, the last one if all scrolls upwards.
 */
const MIN_FILM_FACTOR = 1.5;

interface FieldOptions {
  readonly ffmpegPath: string;
  readonly ffprobePath: string;
  readonly signal: AbortSignal;
  readonly limits: MediaLimits & InputLimits;
}

/** Number of frames that are decoded to find out whether frames are interlaced. */
const EXAMINED_FRAMES = 8;

/**
 * Returns what a file says about the fields of a video. Some containers say nothing, such as DV, and some say that a
 * video is interlaced whose frames are not: then the first frames are decoded and looked at.
 */
export async function readFields(
  file: string,
  video: Pick<VideoStream, 'stream' | 'codec' | 'frame'>,
  options: FieldOptions,
): Promise<Fields> {
  const { declaredFields } = video.frame;
  const declared = ORDERS[declaredFields] ?? null;
  const isMarking = MARKING_CODECS.includes(video.codec);
  if (declaredFields === 'progressive' || (declared === null && !isMarking)) {
    return { interlaced: false, unmarked: null };
  }
  const frames = await interlacedFrames(file, video.stream, options);
  if (frames.includes(true)) {
    const isMarked = !ALWAYS_MARKING_CODECS.includes(video.codec);
    return { interlaced: isMarked || !(await isFilm(file, video, options)), unmarked: null };
  }
  const isBelieved = declared !== null && (!isMarking || frames.length === 0);
  return { interlaced: isBelieved, unmarked: isBelieved ? declared : null };
}

/** Returns for each of the first frames whether it is interlaced; an empty list: no frame can be decoded. */
async function interlacedFrames(
  file: string,
  stream: number,
  { ffprobePath, signal, limits }: FieldOptions,
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

/**
 * Returns whether both fields of the first frames were taken at one time, although the frames are marked as interlaced. A
 * picture in which nothing moves tells nothing.
 */
async function isFilm(
  file: string,
  { stream }: Pick<VideoStream, 'stream'>,
  { ffmpegPath, signal, limits }: FieldOptions,
): Promise<boolean> {
  // Each number is the difference of a field from the one before, in turns from the same frame and from another one.
  const differences = { within: 0, between: 0 };
  let isSecond = false;
  const onLine = (line: string) => {
    const [, difference] = /\.YDIF=([\d.]+)$/.exec(line) ?? [];
    if (difference === undefined) return;
    differences[isSecond ? 'within' : 'between'] += Number(difference);
    isSecond = !isSecond;
  };
  const args = [
    ...['-hide_banner', '-nostdin', '-nostats', '-loglevel', 'error', ...mediaInputArgs(file, limits)],
    ...['-map', `0:${stream}`, '-frames:v', String(2 * COMPARED_FRAMES)],
    ...[
      '-vf',
      'separatefields,signalstats,metadata=print:key=lavfi.signalstats.YDIF:file=-',
      '-f',
      'null',
      '-',
    ],
  ];
  const end = await launcher.run(ffmpegPath, args, { signal, onLine, bounds: probeBounds(limits) });
  return outcomeOf(end).ok && differences.between > differences.within * MIN_FILM_FACTOR;
}
