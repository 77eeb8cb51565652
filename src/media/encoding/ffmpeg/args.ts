import { DEFAULT_MEDIA_LIMITS } from '../../../domain/media-limits.ts';
import type { AudioRendition, Rendition, VideoRendition } from '../plan-rendition.ts';
import { type InputLimits, mediaInputArgs } from './input-args.ts';

/** Names within a quality's directory. */
export const HLS_PLAYLIST = 'index.m3u8';
/** A master playlist of this quality alone, in which ffmpeg has put its codecs. */
export const HLS_STREAM_INFO = 'stream.m3u8';
export const DASH_MANIFEST = 'manifest.mpd';
const INIT_SEGMENT = 'init.mp4';

/** Quality where no mean bitrate was asked for; x264's default, and for x265 what looks the same. */
const CONSTANT_QUALITY = { h264: '23', h265: '28' } as const;

/**
 * `veryfast` is the knee of x264's presets: `fast` takes about twice the time for a tenth fewer bits. For x265 the
 * knee lies lower still, and encoding must not take many times as long as the video plays.
 */
const PRESET = { h264: 'veryfast', h265: 'veryfast' } as const;

/** All arguments of one quality's encode, but for the run's own; outputs are relative to its work directory. */
export function encodeArgs(
  source: string,
  rendition: Rendition,
  limits: InputLimits = DEFAULT_MEDIA_LIMITS,
): string[] {
  return [
    ...mediaInputArgs(source, limits),
    ...mapArgs(rendition),
    ...(rendition.video ? videoArgs(rendition.video, rendition.segmentSeconds, limits.threads) : []),
    ...(rendition.audio ? audioArgs(rendition.audio) : []),
    ...(rendition.type === 'hls' ? hlsArgs(rendition) : dashArgs(rendition)),
  ];
}

/** The chosen streams and nothing else: no subtitles, data, chapters, nor where and with what it was filmed. */
function mapArgs({ video, audio }: Rendition): string[] {
  return [
    ...(video ? ['-map', `0:${video.stream}`] : []),
    ...(audio ? ['-map', `0:${audio.stream}`] : []),
    ...['-map_metadata', '-1', '-map_chapters', '-1', '-sn', '-dn'],
  ];
}

/**
 * A keyframe at each multiple of the segment's duration and none between, in every quality at the same times:
 * a player may then change quality at any segment.
 */
function videoArgs(video: VideoRendition, segmentSeconds: number, threads: number): string[] {
  const scale = `scale=${video.width}:${video.height}:flags=bicubic,setsar=1,format=yuv420p`;
  return [
    ...['-vf', video.deinterlace ? `yadif,${scale}` : scale, '-r', String(video.frameRate)],
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
  // hvc1, not hev1: Apple's players take no other.
  const params = `log-level=error:scenecut=0:open-gop=0:pools=${threads}`;
  return ['-c:v', 'libx265', '-preset', PRESET.h265, '-x265-params', params, '-tag:v', 'hvc1', ...bound];
}

/** The buffer holds two seconds at the peak: a player that has one segment is not starved by the next. */
function bitrateArgs({ codec, bitrate: { kind, bitsPerSecond } }: VideoRendition): string[] {
  if (kind === 'peak') {
    const peak = ['-maxrate', String(bitsPerSecond), '-bufsize', String(bitsPerSecond * 2)];
    return ['-crf', CONSTANT_QUALITY[codec], ...peak];
  }
  const peak = Math.round(bitsPerSecond * 1.5);
  return ['-b:v', String(bitsPerSecond), '-maxrate', String(peak), '-bufsize', String(peak * 2)];
}

/** `async` fills gaps in the sound with silence, which a live recording may have. */
function audioArgs({ bitrate, sampleRate }: AudioRendition): string[] {
  return [
    ...['-c:a', 'aac', '-b:a', String(bitrate), '-ac', '2', '-ar', String(sampleRate)],
    ...['-af', 'aresample=async=1'],
  ];
}

function hlsArgs({ segmentFormat, segmentSeconds }: Rendition): string[] {
  const isFmp4 = segmentFormat === 'fmp4';
  return [
    ...['-f', 'hls', '-hls_time', String(segmentSeconds), '-hls_playlist_type', 'vod'],
    ...['-hls_flags', 'independent_segments', '-hls_segment_type', segmentFormat],
    ...(isFmp4 ? ['-hls_fmp4_init_filename', INIT_SEGMENT] : []),
    ...['-hls_segment_filename', `segment-%05d.${isFmp4 ? 'm4s' : 'ts'}`],
    ...['-master_pl_name', HLS_STREAM_INFO, HLS_PLAYLIST],
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
