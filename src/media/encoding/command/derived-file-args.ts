import { resolve } from 'node:path';
import type { VideoCodec } from '../../../domain/media.ts';
import { type InputLimits, mediaInputArgs, pictureInputArgs } from '../ffmpeg/input-args.ts';
import type { Probe } from '../source/probe-report.ts';

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
 * Returns ffmpeg's arguments for making a progressive MP4 from a finished quality without encoding it again.
 * `entry` is the path of the quality's playlist or manifest. This file is trusted, because the service wrote
 * it.
 */
export function mp4Args(entry: string, output: string, videoCodec: VideoCodec): string[] {
  return [
    ...['-protocol_whitelist', 'file', '-i', `file:${resolve(entry)}`],
    ...['-map', '0:v?', '-map', '0:a?', '-c', 'copy', '-map_metadata', '-1'],
    // Apple's players take hvc1 alone. ffmpeg would write hev1 for H.265 from a transport stream.
    ...(videoCodec === 'h265' ? ['-tag:v', 'hvc1'] : []),
    ...['-movflags', '+faststart', '-f', 'mp4', output],
  ];
}

/** Returns the position in the media, in seconds, from which the thumbnail is taken. */
export function thumbnailTime(durationSeconds: number): number {
  return durationSeconds < SHORT_CLIP ? 0 : durationSeconds * THUMBNAIL_AT;
}

/**
 * Returns ffmpeg's arguments for making a JPEG of the video's frame at `seconds`, or of an audio file's
 * cover.
 */
export function thumbnailArgs(
  source: string,
  probe: Probe,
  { seconds, output, limits }: { seconds: number; output: string; limits: InputLimits },
): string[] {
  const { video } = probe;
  const seek = video && seconds > 0 ? ['-ss', String(seconds)] : [];
  const width = video ? String(Math.min(video.width, MAX_THUMBNAIL_WIDTH)) : scaledWidth();
  return [
    ...seek,
    ...mediaInputArgs(source, limits),
    ...['-map', `0:${video?.stream ?? probe.coverStream}`],
    ...jpegArgs(width, video ? video.width / video.height : null, output),
  ];
}

/** Returns ffmpeg's arguments for making a JPEG of a picture that an account sent. */
export function pictureArgs(picture: string, output: string, limits: InputLimits): string[] {
  return [...pictureInputArgs(picture, limits), ...jpegArgs(scaledWidth(), null, output)];
}

function scaledWidth(): string {
  return `min(iw\\,${MAX_THUMBNAIL_WIDTH})`;
}

/**
 * Returns ffmpeg's arguments for writing a JPEG. For a video, `aspect` is the displayed width of the picture
 * divided by its height. The ratio of the decoded picture can be different, because the pixels of a video
 * might not be square. `null`: the JPEG gets the ratio of the input picture.
 */
function jpegArgs(width: string, aspect: number | null, output: string): string[] {
  const height = aspect === null ? '-1' : String(Math.max(1, Math.round(Number(width) / aspect)));
  return [
    ...['-frames:v', '1', '-vf', `scale=${width}:${height},setsar=1`, '-pix_fmt', 'yuvj420p'],
    ...['-map_metadata', '-1', '-c:v', 'mjpeg', '-q:v', '3', '-f', 'image2', '-update', '1', output],
  ];
}
