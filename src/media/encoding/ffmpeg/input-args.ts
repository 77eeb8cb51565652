import { resolve } from 'node:path';
import { DEFAULT_MEDIA_LIMITS, type MediaLimits } from '../../../domain/media-limits.ts';

/**
 * The demuxers that a received file may choose: containers that carry their media within themselves. Never one
 * that follows names to other files or to the network (hls, dash, concat, sdp, imf), reads devices (lavfi), or
 * takes any text for a picture (tty, image2): an upload could otherwise read the server's own files.
 */
const CONTAINER_FORMATS = [
  ...['mov', 'mp4', 'm4a', '3gp', '3g2', 'mj2', 'matroska', 'webm', 'avi', 'flv', 'asf', 'ogg', 'mxf', 'gxf'],
  ...['mpegts', 'mpeg', 'rm', 'dv', 'nut', 'gif', 'wtv'],
  ...['wav', 'w64', 'aiff', 'caf', 'au', 'mp3', 'aac', 'flac', 'ac3', 'eac3', 'amr', 'ape', 'wv', 'tta'],
];

/** The same for a single picture. */
const PICTURE_FORMATS = ['jpeg_pipe', 'png_pipe', 'webp_pipe', 'gif', 'bmp_pipe', 'tiff_pipe'];

export type InputLimits = Pick<MediaLimits, 'maxPixels' | 'threads'>;

export function mediaInputArgs(file: string, limits: InputLimits = DEFAULT_MEDIA_LIMITS): string[] {
  return untrustedInput(file, CONTAINER_FORMATS, limits);
}

export function pictureInputArgs(file: string, limits: InputLimits = DEFAULT_MEDIA_LIMITS): string[] {
  return untrustedInput(file, PICTURE_FORMATS, limits);
}

/** `file:` and the full path, lest a name is read as an option or as another protocol. */
function untrustedInput(file: string, formats: readonly string[], limits: InputLimits): string[] {
  return [
    ...['-protocol_whitelist', 'file', '-format_whitelist', formats.join(',')],
    // A small file that claims a huge frame would take all the memory. Each thread that decodes has frames of its own.
    ...['-max_pixels', String(limits.maxPixels), '-threads', String(limits.threads)],
    ...['-i', `file:${resolve(file)}`],
  ];
}
