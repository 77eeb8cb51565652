import { type InputLimits, JOINING, mediaInputArgs } from '../ffmpeg/input-args.ts';
import type { AudioRendition, Rendition, VideoRendition } from '../plan/rendition.ts';
import type { Timeline } from '../plan/timeline.ts';
import { convertedInputArgs, readingArgs } from './converted-sound.ts';
import { decodingArgs, pictureFilters } from './picture-filters.ts';
import { pairGraph, soundFilters } from './sound-filters.ts';
import { rationalOf, secondsText } from './time-filters.ts';

/** File name of the HLS media playlist in a quality's directory. */
export const HLS_PLAYLIST = 'index.m3u8';
/** File name of the HLS playlist of the sound, if the sound has segments of its own. */
export const HLS_AUDIO_PLAYLIST = 'audio.m3u8';
/** File name of a master playlist that lists one quality alone, with its codecs and bandwidths. */
export const HLS_STREAM_INFO = 'stream.m3u8';
/** File name of the DASH manifest in a quality's directory. */
export const DASH_MANIFEST = 'manifest.mpd';
const INIT_SEGMENT = 'init.mp4';

/**
 * Values of `-crf` (constant quality), used if the account requested no bitrate. 23 is the default of x264, and with
 * x265, the picture looks the same at 28.
 */
const CONSTANT_QUALITY = { h264: '23', h265: '28' } as const;
/**
 * Value of `-crf` for large pictures of H.264. With half a step more, files are as large as with the preset alone,
 * because `LARGE_X264_PARAMS` take a few more bits.
 */
const LARGE_CONSTANT_QUALITY = '23.5';
/** Number of pixels of a picture, such as one of 720p, from which it counts as large. */
const LARGE_PIXELS = 1280 * 720;

/**
 * Seconds that are added to the times in a transport stream. The first picture is then shown at exactly 10
 * seconds in every quality, because ffmpeg adds 1.4 seconds itself. Without it, ffmpeg would add as much as the
 * first pictures are decoded before they are shown.
 */
const TS_OFFSET_SECONDS = '8.6';

/**
 * Minimum duration of the last segment, in seconds; a shorter one becomes a part of the segment before it.
 * hls.js stalls in a last segment of four pictures or fewer.
 */
const MIN_LAST_SEGMENT_SECONDS = 0.3;

/**
 * Presets of the encoders. With x264, `fast` takes about twice the time of `veryfast`, and saves only a tenth
 * of the bits. With x265, slower presets save even less, and an encode must not take many times the duration
 * of the video.
 */
const PRESET = { h264: 'veryfast', h265: 'veryfast' } as const;

/**
 * Settings of x264 for large pictures that differ from its preset. Motion is refined by one step less than `veryfast` does:
 * x264 takes 30 % less time, and SSIM is lower by at most 0.0011. Small pictures would lose up to 0.0029 where they have
 * too few bits, and they take little time (decision 62).
 */
const LARGE_X264_PARAMS = 'subme=1';

/** Colours of every encoded picture, for the codec's own headers and for those of the container. */
const COLOUR_TAGS = [
  ...['-colorspace', 'bt709', '-color_primaries', 'bt709', '-color_trc', 'bt709', '-color_range', 'tv'],
];

/**
 * Minimum number of pictures per second at which the pictures of a transport stream are encoded in another order
 * than they are shown. Reordering delays the first picture by two, and hls.js begins to play later by this delay.
 */
const MIN_RATE_OF_REORDERED_PICTURES = 23;

/**
 * Returns ffmpeg's arguments for encoding one quality. The names of output files are relative to ffmpeg's
 * working directory.
 */
export function encodeArgs(source: string, rendition: Rendition, limits: InputLimits): string[] {
  return [
    ...inputArgs(source, rendition, limits),
    ...outputArgs(rendition, limits.threads, WORKING_DIRECTORY),
  ];
}

/**
 * Returns ffmpeg's arguments for encoding several qualities of a file, which is read and decoded once. The qualities
 * must have the same streams of the file. Each is encoded as it would be alone, with filters of its own. Its
 * files are in `outputDirectory` of its place among `renditions`.
 */
export function encodeTogetherArgs(
  source: string,
  renditions: readonly [Rendition, ...Rendition[]],
  limits: InputLimits,
): string[] {
  const outputs = renditions.flatMap((rendition, place) =>
    outputArgs(rendition, limits.threads, { path: `${outputDirectory(place)}/`, pair: `[sound${place}]` }),
  );
  return [...inputArgs(source, renditions[0], limits), ...outputs];
}

/** Returns the name of the directory, in ffmpeg's working directory, of an output that is made beside others. */
export function outputDirectory(place: number): string {
  return `output-${place}`;
}

/** Names that an output has of its own. */
interface OutputNames {
  /** Beginning of the names of its files. */
  readonly path: string;
  /** Name of the sound that is made of a pair of streams. */
  readonly pair: string;
}

const WORKING_DIRECTORY: OutputNames = { path: '', pair: '[sound]' };

function outputArgs(rendition: Rendition, threads: number, { path, pair }: OutputNames): string[] {
  return [
    ...mapArgs(rendition, pair),
    ...(rendition.video ? videoArgs(rendition.video, rendition, threads) : []),
    ...(rendition.audio ? audioArgs(rendition.audio, rendition.timeline) : []),
    ...['-avoid_negative_ts', 'disabled'],
    ...(rendition.type === 'hls' ? hlsArgs(rendition, path) : dashArgs(rendition, path)),
    ...joiningArgs(rendition),
  ];
}

/**
 * Reads the streams that are not encoded, but by whose times ffmpeg joins the parts of the file. ffmpeg would join them
 * at other times if it did not read all of these streams.
 */
function joiningArgs({ video, audio, timeline: { joined = [] } }: Rendition): string[] {
  const encoded = [video?.stream, ...(audio?.converted ? [] : [audio?.stream, audio?.right])];
  const isFileOpen = video !== null || !audio?.converted;
  return isFileOpen ? readingArgs(joined.filter((stream) => !encoded.includes(stream))) : [];
}

/**
 * Opens the file once for the picture and once for the sound. ffmpeg then reads each as far as it is needed at
 * the moment, even if they are far apart in the file, or one of them pauses or ends early. The times of the
 * file are kept (`-copyts`), because ffmpeg would otherwise begin each input at 0. A file whose times jump is
 * opened once and without `-copyts`, because ffmpeg joins its parts only then, and both streams alike.
 */
function inputArgs(source: string, rendition: Rendition, limits: InputLimits): string[] {
  const { video, audio, timeline } = rendition;
  const media = mediaInputArgs(source, limits);
  const picture = video ? [...decodingArgs(video), ...media] : [];
  const sound = audio?.converted ? convertedInputArgs(audio.converted, timeline) : [...ONE_FORM, ...media];
  if (timeline.joined === undefined) return ['-copyts', ...picture, ...(audio ? sound : [])];
  return [...JOINING, ...(video ? ONE_FORM : []), ...picture, ...(isSoundApart(rendition) ? sound : [])];
}

/**
 * Lets ffmpeg fail if the sample rate or the layout of a sound changes. It would otherwise make the filters of the
 * sound again, which would begin at 0 again, so that all that follows would be heard late.
 */
const ONE_FORM = ['-reinit_filter:a', '0'];

/** Whether the sound is read from an input of its own, and not from that of the picture. */
function isSoundApart({ video, audio, timeline }: Rendition): boolean {
  return audio !== null && (video === null || timeline.joined === undefined || audio.converted !== undefined);
}

/** Number of the input that has the sound. */
function soundInput(rendition: Rendition): number {
  return rendition.video !== null && isSoundApart(rendition) ? 1 : 0;
}

/**
 * Selects the chosen video and audio streams. Subtitles, data, chapters and metadata are left out. Metadata
 * can tell where and with which camera the video was filmed.
 */
function mapArgs(rendition: Rendition, pair: string): string[] {
  const { video, audio, timeline } = rendition;
  const input = soundInput(rendition);
  return [
    ...(audio && audio.right !== null
      ? ['-filter_complex', pairGraph(audio, audio.right, { timeline, input, name: pair })]
      : []),
    ...(video ? ['-map', `0:${video.stream}`] : []),
    ...(audio ? ['-map', audio.right === null ? `${input}:${audio.stream}` : pair] : []),
    ...['-map_metadata', '-1', '-map_chapters', '-1', '-sn', '-dn'],
  ];
}

/**
 * Returns ffmpeg's arguments for the video. The arguments force a keyframe at each multiple of the segment's
 * duration, and forbid keyframes in between. The keyframes of all qualities are then at the same times, so
 * that a player can change the quality at any segment.
 */
function videoArgs(
  video: VideoRendition,
  { segmentFormat, segmentSeconds, timeline }: Rendition,
  threads: number,
): string[] {
  const startsLateInPlayers = segmentFormat === 'mpegts' && video.frameRate < MIN_RATE_OF_REORDERED_PICTURES;
  return [
    ...['-vf', pictureFilters(video, timeline), '-r', rationalOf(video.frameRate), '-fps_mode', 'cfr'],
    ...codecArgs(video, threads),
    ...COLOUR_TAGS,
    ...(startsLateInPlayers ? ['-bf', '0'] : []),
    ...bitrateArgs(video),
    ...['-force_key_frames', keyFrames(segmentSeconds, timeline), '-forced-idr', '1'],
    ...['-g', String(Math.ceil(video.frameRate * (segmentSeconds + MIN_LAST_SEGMENT_SECONDS)))],
  ];
}

/** Returns the expression that is true for pictures which become key frames. */
function keyFrames(segmentSeconds: number, { durationSeconds }: Timeline): string {
  const isInTime = `lt(t,${secondsText(durationSeconds - MIN_LAST_SEGMENT_SECONDS)})`;
  return `expr:gte(t,n_forced*${segmentSeconds})*${isInTime}`;
}

function codecArgs(video: VideoRendition, threads: number): string[] {
  const bound = ['-threads', String(threads)];
  if (video.codec === 'h264') {
    const params = isLarge(video) ? ['-x264-params', LARGE_X264_PARAMS] : [];
    const profile = ['-profile:v', 'high', '-sc_threshold', '0'];
    return ['-c:v', 'libx264', '-preset', PRESET.h264, ...params, ...profile, ...bound];
  }
  // The tag is hvc1 and not hev1, because Apple's players accept only hvc1.
  const params = `log-level=error:scenecut=0:open-gop=0:pools=${threads}`;
  return ['-c:v', 'libx265', '-preset', PRESET.h265, '-x265-params', params, '-tag:v', 'hvc1', ...bound];
}

/**
 * Returns ffmpeg's arguments for the bitrate. The rate buffer (`-bufsize`) holds two seconds at the peak
 * bitrate. This limits the size of each segment, so that a player can load the next segment while it plays
 * the current one.
 */
function bitrateArgs(video: VideoRendition): string[] {
  const { kind, bitsPerSecond } = video.bitrate;
  if (kind === 'peak') {
    const peak = ['-maxrate', String(bitsPerSecond), '-bufsize', String(bitsPerSecond * 2)];
    const isLargeH264 = video.codec === 'h264' && isLarge(video);
    return ['-crf', isLargeH264 ? LARGE_CONSTANT_QUALITY : CONSTANT_QUALITY[video.codec], ...peak];
  }
  const peak = Math.round(bitsPerSecond * 1.5);
  return ['-b:v', String(bitsPerSecond), '-maxrate', String(peak), '-bufsize', String(peak * 2)];
}

function isLarge({ width, height }: VideoRendition): boolean {
  return width * height >= LARGE_PIXELS;
}

function audioArgs(audio: AudioRendition, timeline: Timeline): string[] {
  const { bitrate, sampleRate } = audio;
  return [
    ...['-c:a', 'aac', '-b:a', String(bitrate), '-ac', '2', '-ar', String(sampleRate)],
    ...(audio.right === null ? ['-af', soundFilters(audio, timeline)] : []),
    ...languageArgs(audio),
  ];
}

/** Containers take languages of three letters (ISO 639-2) only. */
function languageArgs({ language }: AudioRendition): string[] {
  const isCode = /^[a-z]{3}$/.test(language ?? '') && language !== 'und';
  return isCode ? ['-metadata:s:a:0', `language=${language}`] : [];
}

function hlsArgs({ segmentFormat, segmentSeconds }: Rendition, path: string): string[] {
  const isFmp4 = segmentFormat === 'fmp4';
  return [
    ...['-f', 'hls', '-hls_time', String(segmentSeconds), '-hls_playlist_type', 'vod'],
    ...['-hls_flags', 'independent_segments', '-hls_segment_type', segmentFormat],
    ...(isFmp4 ? ['-hls_fmp4_init_filename', INIT_SEGMENT] : []),
    ...['-hls_segment_filename', `${path}segment-%05d.${isFmp4 ? 'm4s' : 'ts'}`],
    ...(isFmp4 ? [] : ['-output_ts_offset', TS_OFFSET_SECONDS]),
    `${path}${HLS_PLAYLIST}`,
  ];
}

function dashArgs({ segmentSeconds, video, audio }: Rendition, path: string): string[] {
  const sets = [...(video ? ['v'] : []), ...(audio ? ['a'] : [])];
  return [
    ...['-f', 'dash', '-seg_duration', String(segmentSeconds), '-use_template', '1', '-use_timeline', '1'],
    ...['-adaptation_sets', sets.map((streams, id) => `id=${id},streams=${streams}`).join(' ')],
    ...['-init_seg_name', 'init-$RepresentationID$.m4s'],
    ...['-media_seg_name', 'segment-$RepresentationID$-$Number%05d$.m4s', `${path}${DASH_MANIFEST}`],
  ];
}
