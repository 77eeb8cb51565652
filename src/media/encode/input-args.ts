import { resolve } from 'node:path';

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

/** Pixels of a decoded frame: 8192×8192, beyond 8K. A small file that claims more would take all the memory. */
const MAX_PIXELS = 67_108_864;

export function mediaInputArgs(file: string): string[] {
  return untrustedInput(file, CONTAINER_FORMATS);
}

export function pictureInputArgs(file: string): string[] {
  return untrustedInput(file, PICTURE_FORMATS);
}

/** `file:` and the full path, lest a name is read as an option or as another protocol. */
function untrustedInput(file: string, formats: readonly string[]): string[] {
  return [
    ...['-protocol_whitelist', 'file', '-format_whitelist', formats.join(',')],
    ...['-max_pixels', String(MAX_PIXELS), '-i', `file:${resolve(file)}`],
  ];
}
