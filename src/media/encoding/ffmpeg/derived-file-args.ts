import { resolve } from 'node:path';
import { type InputLimits, mediaInputArgs, pictureInputArgs } from './input-args.ts';
import type { Probe } from './probe-report.ts';

/** Pixels; larger serves no list or player's poster. */
const MAX_THUMBNAIL_WIDTH = 1280;

/** How far in the thumbnail is taken, as a share of the duration: past black frames and titles. */
const THUMBNAIL_AT = 0.1;

/** Seconds; below, the first picture is as good as any, and a seek could miss all. */
const SHORT_CLIP = 1;

/**
 * A progressive MP4 of a finished quality, without encoding again. `entry` is its playlist or manifest, which is
 * our own work and thus trusted.
 */
export function mp4Args(entry: string, output: string): string[] {
  return [
    ...['-protocol_whitelist', 'file', '-i', `file:${resolve(entry)}`],
    ...['-map', '0:v?', '-map', '0:a?', '-c', 'copy', '-map_metadata', '-1'],
    ...['-movflags', '+faststart', '-f', 'mp4', output],
  ];
}

/** Where in the media its thumbnail is taken, in seconds. */
export function thumbnailTime(durationSeconds: number): number {
  return durationSeconds < SHORT_CLIP ? 0 : durationSeconds * THUMBNAIL_AT;
}

/** A JPEG of the media's picture at `seconds`, or of an audio file's cover. */
export function thumbnailArgs(
  source: string,
  probe: Probe,
  { seconds, output, limits }: { seconds: number; output: string; limits?: InputLimits },
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

/** A JPEG of a picture that an account sent. */
export function pictureArgs(picture: string, output: string, limits?: InputLimits): string[] {
  return [...pictureInputArgs(picture, limits), ...jpegArgs(scaledWidth(), null, output)];
}

function scaledWidth(): string {
  return `min(iw\\,${MAX_THUMBNAIL_WIDTH})`;
}

/** `aspect`, width over height, where pixels may not be square; null keeps the picture's own. */
function jpegArgs(width: string, aspect: number | null, output: string): string[] {
  const height = aspect === null ? '-1' : String(Math.max(1, Math.round(Number(width) / aspect)));
  return [
    ...['-frames:v', '1', '-vf', `scale=${width}:${height},setsar=1`, '-pix_fmt', 'yuvj420p'],
    ...['-map_metadata', '-1', '-c:v', 'mjpeg', '-q:v', '3', '-f', 'image2', '-update', '1', output],
  ];
}
