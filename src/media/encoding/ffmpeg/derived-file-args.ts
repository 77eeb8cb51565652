import { resolve } from 'node:path';
import { type InputLimits, mediaInputArgs, pictureInputArgs } from './input-args.ts';
import type { Probe } from './probe-report.ts';

/** Maximum pixels: no list and no player's poster needs more. */
const MAX_THUMBNAIL_WIDTH = 1280;

/** Position of the thumbnail as a share of the duration: after black frames and titles. */
const THUMBNAIL_AT = 0.1;

/** Seconds. In a shorter clip the first picture is as good as any, and a seek could miss every picture. */
const SHORT_CLIP = 1;

/**
 * Returns the arguments that make a progressive MP4 of a finished quality without encoding again. `entry` is the
 * quality's playlist or manifest, which is trusted because we wrote it.
 */
export function mp4Args(entry: string, output: string): string[] {
  return [
    ...['-protocol_whitelist', 'file', '-i', `file:${resolve(entry)}`],
    ...['-map', '0:v?', '-map', '0:a?', '-c', 'copy', '-map_metadata', '-1'],
    ...['-movflags', '+faststart', '-f', 'mp4', output],
  ];
}

/** Returns the position in the media, in seconds, from which the thumbnail is taken. */
export function thumbnailTime(durationSeconds: number): number {
  return durationSeconds < SHORT_CLIP ? 0 : durationSeconds * THUMBNAIL_AT;
}

/** Returns the arguments that make a JPEG of the media's picture at `seconds`, or of an audio file's cover. */
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

/** Returns the arguments that make a JPEG of a picture that an account sent. */
export function pictureArgs(picture: string, output: string, limits: InputLimits): string[] {
  return [...pictureInputArgs(picture, limits), ...jpegArgs(scaledWidth(), null, output)];
}

function scaledWidth(): string {
  return `min(iw\\,${MAX_THUMBNAIL_WIDTH})`;
}

/**
 * Returns the arguments of a JPEG output. `aspect` is width over height, for a picture whose pixels may not be square;
 * `null`: the picture keeps its own.
 */
function jpegArgs(width: string, aspect: number | null, output: string): string[] {
  const height = aspect === null ? '-1' : String(Math.max(1, Math.round(Number(width) / aspect)));
  return [
    ...['-frames:v', '1', '-vf', `scale=${width}:${height},setsar=1`, '-pix_fmt', 'yuvj420p'],
    ...['-map_metadata', '-1', '-c:v', 'mjpeg', '-q:v', '3', '-f', 'image2', '-update', '1', output],
  ];
}
