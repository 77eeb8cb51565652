import { resolve } from 'node:path';
import type { VideoCodec } from '../../../domain/media.ts';
import { type InputLimits, mediaInputArgs, pictureInputArgs } from '../ffmpeg/input-args.ts';
import type { Probe, VideoStream } from '../source/probe-report.ts';
import { conversionFilters, decodingArgs, type PictureConversion } from './picture-filters.ts';
import { secondsText } from './time-filters.ts';

/** Maximum width of a thumbnail in pixels. Neither a list of media nor the poster of a player needs more. */
const MAX_THUMBNAIL_WIDTH = 1280;

/**
 * Position of the thumbnail as a fraction of the duration. The position is not 0, because a video often
 * begins with black frames and titles.
 */
const THUMBNAIL_AT = 0.1;

/**
 * Duration in seconds below which the thumbnail is the first frame. In a shorter clip, any frame is as good
 * as the first one, and a seek could miss every frame.
 */
const SHORT_CLIP = 1;

/**
 * Returns ffmpeg's arguments for opening a file with the times that it has. The file is trusted, because the service
 * wrote it: the playlist of a finished quality, for example.
 */
function ownInputArgs(file: string): string[] {
  return ['-copyts', '-protocol_whitelist', 'file', '-i', `file:${resolve(file)}`];
}

/**
 * Returns ffmpeg's arguments for listing the packets of a file that the service wrote: those of its picture as stream 0,
 * if it has one, and those of its sound.
 */
export function listPacketsArgs(file: string): string[] {
  return [
    ...['-hide_banner', '-nostdin', '-nostats', '-loglevel', 'error', ...ownInputArgs(file)],
    ...['-map', '0:v:0?', '-map', '0:a:0?', '-c', 'copy', '-avoid_negative_ts', 'disabled'],
    ...['-flush_packets', '1', '-f', 'framecrc', 'pipe:1'],
  ];
}

/**
 * Returns ffmpeg's arguments for making a progressive MP4 from a finished quality without encoding it again. The
 * picture begins at 0, so that samples before it have negative times: an edit list leaves them out, such as the
 * first frame of an encoder of sound. ffmpeg would by default move the picture instead.
 */
export function mp4Args(
  playlist: string,
  output: string,
  { videoCodec, beginsAt }: { readonly videoCodec: VideoCodec; readonly beginsAt: number },
): string[] {
  return [
    ...ownInputArgs(playlist),
    ...['-map', '0:v?', '-map', '0:a?', '-c', 'copy', '-map_metadata', '-1'],
    ...['-output_ts_offset', secondsText(-beginsAt), '-avoid_negative_ts', 'disabled'],
    // Apple's players take hvc1 alone. ffmpeg would write hev1 for H.265 from a transport stream.
    ...(videoCodec === 'h265' ? ['-tag:v', 'hvc1'] : []),
    ...['-movflags', '+faststart', '-f', 'mp4', output],
  ];
}

/** Returns the position in the media, in seconds, from which the thumbnail is taken. */
export function thumbnailTime(durationSeconds: number): number {
  return durationSeconds < SHORT_CLIP ? 0 : durationSeconds * THUMBNAIL_AT;
}

/** Filters of the colours of a JPEG (JFIF), which are those of BT.601 with full range. */
const JPEG_COLOURS = 'out_color_matrix=bt601:out_range=full';

export interface ThumbnailOptions {
  /** Position in the video, in seconds. */
  readonly seconds: number;
  readonly output: string;
  readonly limits: InputLimits;
}

/**
 * Returns ffmpeg's arguments for making a JPEG of the video's frame at `seconds`, or of an audio file's
 * cover.
 */
export function thumbnailArgs(source: string, probe: Probe, options: ThumbnailOptions): string[] {
  const { video, coverStream } = probe;
  const { seconds, output, limits } = options;
  if (!video) {
    return [
      ...mediaInputArgs(source, limits),
      '-map',
      `0:${coverStream}`,
      ...jpegArgs(pictureFilters(), output),
    ];
  }
  return [
    ...(seconds > 0 ? ['-ss', String(seconds)] : []),
    ...decodingArgs(video),
    ...mediaInputArgs(source, limits),
    ...['-map', `0:${video.stream}`],
    ...jpegArgs(frameFilters(thumbnailConversion(video)), output),
  ];
}

/** Returns what is done to the frame of a video that becomes a thumbnail. */
export function thumbnailConversion(video: VideoStream): PictureConversion {
  const width = Math.min(video.width, MAX_THUMBNAIL_WIDTH);
  const height = Math.max(1, Math.round((width * video.height) / video.width));
  return { frame: video.frame, deinterlace: video.interlaced, width, height };
}

/** Returns ffmpeg's arguments for making a JPEG of a picture that an account sent. */
export function pictureArgs(picture: string, output: string, limits: InputLimits): string[] {
  return [...pictureInputArgs(picture, limits), ...jpegArgs(pictureFilters(), output)];
}

function frameFilters(conversion: PictureConversion): string[] {
  return [
    ...conversionFilters(conversion, 'yuv444p'),
    `scale=in_color_matrix=bt709:in_range=limited:${JPEG_COLOURS}`,
  ];
}

/**
 * Returns the filters for a picture of which nothing is known. ffmpeg's decoders of pictures say what the colours are,
 * and the filters follow them. What is transparent becomes black.
 */
function pictureFilters(): string[] {
  return [
    ...['format=gbrap', 'premultiply=inplace=1', 'format=gbrp'],
    `scale=min(iw\\,${MAX_THUMBNAIL_WIDTH}):-1:${JPEG_COLOURS}`,
  ];
}

function jpegArgs(filters: readonly string[], output: string): string[] {
  return [
    ...['-frames:v', '1', '-vf', [...filters, 'setsar=1', 'format=yuvj420p'].join(',')],
    ...['-map_metadata', '-1', '-c:v', 'mjpeg', '-q:v', '3', '-f', 'image2', '-update', '1', output],
  ];
}
