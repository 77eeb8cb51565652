import { type InputLimits, mediaInputArgs } from '../ffmpeg/input-args.ts';
import type { AudioRendition, Rendition, VideoRendition } from '../plan/rendition.ts';
import { pictureFilters } from './picture-filters.ts';
import { soundFilters } from './sound-filters.ts';

/** File name of the HLS media playlist in a quality's directory. */
export const HLS_PLAYLIST = 'index.m3u8';
/** File name of a master playlist that lists one quality alone, with its codecs and bandwidths. */
export const HLS_STREAM_INFO = 'stream.m3u8';
/** File name of the DASH manifest in a quality's directory. */
export const DASH_MANIFEST = 'manifest.mpd';
const INIT_SEGMENT = 'init.mp4';

/**
 * Values of `-crf` (constant quality), used if the account requested no bitrate. 23 is the default of x264;
 * with x265, the picture looks the same at 28.
 */
const CONSTANT_QUALITY = { h264: '23', h265: '28' } as const;

/**
 * Presets of the encoders. With x264, `fast` takes about twice the time of `veryfast`, and saves only a tenth
 * of the bits. With x265, slower presets save even less, and an encode must not take many times the duration
 * of the video.
 */
const PRESET = { h264: 'veryfast', h265: 'veryfast' } as const;

/**
 * Returns ffmpeg's arguments for encoding one quality. The names of output files are relative to ffmpeg's
 * working directory.
 */
export function encodeArgs(source: string, rendition: Rendition, limits: InputLimits): string[] {
  return [
    ...mediaInputArgs(source, limits),
    ...mapArgs(rendition),
    ...(rendition.video ? videoArgs(rendition.video, rendition.segmentSeconds, limits.threads) : []),
    ...(rendition.audio ? audioArgs(rendition.audio) : []),
    ...(rendition.type === 'hls' ? hlsArgs(rendition) : dashArgs(rendition)),
  ];
}

/**
 * Selects the chosen video and audio streams. Subtitles, data, chapters and metadata are left out. Metadata
 * can tell where and with which camera the video was filmed.
 */
function mapArgs({ video, audio }: Rendition): string[] {
  return [
    ...(video ? ['-map', `0:${video.stream}`] : []),
    ...(audio ? ['-map', `0:${audio.stream}`] : []),
    ...['-map_metadata', '-1', '-map_chapters', '-1', '-sn', '-dn'],
  ];
}

/**
 * Returns ffmpeg's arguments for the video. The arguments force a keyframe at each multiple of the segment's
 * duration, and forbid keyframes in between. The keyframes of all qualities are then at the same times, so
 * that a player can change the quality at any segment.
 */
function videoArgs(video: VideoRendition, segmentSeconds: number, threads: number): string[] {
  return [
    ...['-vf', pictureFilters(video), '-r', String(video.frameRate)],
    ...codecArgs(video, threads),
    ...bitrateArgs(video),
    ...['-force_key_frames', `expr:gte(t,n_forced*${segmentSeconds})`, '-forced-idr', '1'],
    ...['-g', String(Math.ceil(video.frameRate * segmentSeconds))],
  ];
}

function codecArgs({ codec }: VideoRendition, threads: number): string[] {
  const bound = ['-threads', String(threads)];
  if (codec === 'h264') {
    return ['-c:v', 'libx264', '-preset', PRESET.h264, '-profile:v', 'high', '-sc_threshold', '0', ...bound];
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
function bitrateArgs({ codec, bitrate: { kind, bitsPerSecond } }: VideoRendition): string[] {
  if (kind === 'peak') {
    const peak = ['-maxrate', String(bitsPerSecond), '-bufsize', String(bitsPerSecond * 2)];
    return ['-crf', CONSTANT_QUALITY[codec], ...peak];
  }
  const peak = Math.round(bitsPerSecond * 1.5);
  return ['-b:v', String(bitsPerSecond), '-maxrate', String(peak), '-bufsize', String(peak * 2)];
}

function audioArgs(audio: AudioRendition): string[] {
  const { bitrate, sampleRate } = audio;
  return [
    ...['-c:a', 'aac', '-b:a', String(bitrate), '-ac', '2', '-ar', String(sampleRate)],
    ...['-af', soundFilters(audio)],
  ];
}

function hlsArgs({ segmentFormat, segmentSeconds }: Rendition): string[] {
  const isFmp4 = segmentFormat === 'fmp4';
  return [
    ...['-f', 'hls', '-hls_time', String(segmentSeconds), '-hls_playlist_type', 'vod'],
    ...['-hls_flags', 'independent_segments', '-hls_segment_type', segmentFormat],
    ...(isFmp4 ? ['-hls_fmp4_init_filename', INIT_SEGMENT] : []),
    ...['-hls_segment_filename', `segment-%05d.${isFmp4 ? 'm4s' : 'ts'}`],
    HLS_PLAYLIST,
  ];
}

function dashArgs({ segmentSeconds, video, audio }: Rendition): string[] {
  const sets = [...(video ? ['v'] : []), ...(audio ? ['a'] : [])];
  return [
    ...['-f', 'dash', '-seg_duration', String(segmentSeconds), '-use_template', '1', '-use_timeline', '1'],
    ...['-adaptation_sets', sets.map((streams, id) => `id=${id},streams=${streams}`).join(' ')],
    ...['-init_seg_name', 'init-$RepresentationID$.m4s'],
    ...['-media_seg_name', 'segment-$RepresentationID$-$Number%05d$.m4s', DASH_MANIFEST],
  ];
}
