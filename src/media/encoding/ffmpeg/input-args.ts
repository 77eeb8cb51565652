import { resolve } from 'node:path';
import type { MediaLimits } from '../../../domain/media-limits.ts';

/**
 * Demuxers that are allowed to read a received file. Each reads a file that contains all of its video and
 * sound. The list has no demuxer that opens other files or network addresses (hls, dash, concat, sdp, imf),
 * reads devices (lavfi), or accepts any text as a picture (tty, image2). With such a demuxer, an upload could
 * make ffmpeg read the server's own files.
 */
const CONTAINER_FORMATS = [
  ...['mov', 'mp4', 'm4a', '3gp', '3g2', 'mj2', 'matroska', 'webm', 'avi', 'flv', 'asf', 'ogg', 'mxf', 'gxf'],
  ...['mpegts', 'mpeg', 'rm', 'dv', 'nut', 'gif', 'wtv'],
  ...['wav', 'w64', 'aiff', 'caf', 'au', 'mp3', 'aac', 'flac', 'ac3', 'eac3', 'amr', 'ape', 'wv', 'tta'],
];

/**
 * Demuxers that are allowed to read a single picture. As with `CONTAINER_FORMATS`, none of them opens another
 * file.
 */
const PICTURE_FORMATS = ['jpeg_pipe', 'png_pipe', 'webp_pipe', 'gif', 'bmp_pipe', 'tiff_pipe'];

/** Beginning of a file that ffmpeg and ffprobe read before they decide which streams it has. */
export interface InputDepth {
  readonly bytes: number;
  readonly seconds: number;
}

export interface InputLimits extends Pick<MediaLimits, 'maxPixels' | 'threads'> {
  /** `null`: as far as ffmpeg reads by default, which suffices for most files. */
  readonly depth?: InputDepth | null;
}

/**
 * Arguments with which ffmpeg joins the parts of a file whose times jump. By default, it lets times go ahead by ten
 * seconds. After a jump back, the last packets of the other stream, which come late, would be ahead by as much.
 */
export const JOINING = ['-dts_delta_threshold', '1'];

/** Returns the arguments with which ffmpeg or ffprobe opens a received media file. */
export function mediaInputArgs(file: string, limits: InputLimits): string[] {
  return untrustedInput(file, CONTAINER_FORMATS, limits);
}

/** Part of a file in another file, whose name is relative to the directory in which ffprobe runs. */
export interface FilePart {
  readonly file: string;
  readonly skipBytes: number;
  readonly takeBytes: number;
}

/** Returns the arguments with which ffprobe opens a received file whose parts have not been put together. */
export function partsInputArgs(parts: readonly FilePart[], limits: InputLimits): string[] {
  const names = parts.map(({ file, skipBytes, takeBytes }) => {
    return `subfile,,start,${skipBytes},end,${skipBytes + takeBytes},,:file:${file}`;
  });
  return untrusted(`concat:${names.join('|')}`, {
    protocols: 'file,subfile,concat',
    formats: CONTAINER_FORMATS,
    limits,
  });
}

/** Returns the arguments with which ffmpeg opens a picture that an account sent. */
export function pictureInputArgs(file: string, limits: InputLimits): string[] {
  return untrustedInput(file, PICTURE_FORMATS, limits);
}

/**
 * Returns the arguments that open a file which is not trusted. The file is named by `file:` and its full
 * path, so that ffmpeg cannot read the name as an option or as another protocol.
 */
function untrustedInput(file: string, formats: readonly string[], limits: InputLimits): string[] {
  return untrusted(`file:${resolve(file)}`, { protocols: 'file', formats, limits });
}

interface Untrusted {
  readonly protocols: string;
  readonly formats: readonly string[];
  readonly limits: InputLimits;
}

function untrusted(input: string, { protocols, formats, limits }: Untrusted): string[] {
  return [
    ...['-protocol_whitelist', protocols, '-format_whitelist', formats.join(',')],
    // Pixels and threads are limited, because a small file could otherwise use all the memory. It can claim a
    // huge frame, and each decoding thread holds frames of its own.
    ...['-max_pixels', String(limits.maxPixels), '-threads', String(limits.threads)],
    ...depthArgs(limits.depth ?? null),
    ...['-i', input],
  ];
}

function depthArgs(depth: InputDepth | null): string[] {
  if (depth === null) return [];
  const microseconds = Math.ceil(depth.seconds * 1_000_000);
  return ['-probesize', String(depth.bytes), '-analyzeduration', String(microseconds)];
}
