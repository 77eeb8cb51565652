import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Clips for tests and measurements, which ffmpeg makes when they are needed. */

const run = promisify(execFile);

export const FFMPEG = 'ffmpeg';
export const FFPROBE = 'ffprobe';

export interface Picture {
  /** Width and height, such as `640x360`. */
  readonly size: string;
  /** Frames per second; 25 by default. */
  readonly rate?: number;
}

/** Makes a clip of moving test patterns (if `picture`) and a tone (if `tone`); returns its path. */
export async function makeClip(
  dir: string,
  name: string,
  of: { seconds: number; picture?: Picture; tone?: boolean; args?: readonly string[] },
): Promise<string> {
  const file = join(dir, name);
  const { seconds, picture, tone = true, args = [] } = of;
  await run(FFMPEG, [
    ...['-v', 'error', '-y'],
    ...(picture
      ? ['-f', 'lavfi', '-i', `testsrc2=s=${picture.size}:r=${picture.rate ?? 25}:d=${seconds}`]
      : []),
    ...(tone ? ['-f', 'lavfi', '-i', `sine=frequency=440:duration=${seconds}`] : []),
    ...(picture ? ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p'] : []),
    ...args,
    file,
  ]);
  return file;
}

/** Copies a clip with other arguments, for example for a rotation, a container or a cover. */
export async function remakeClip(
  dir: string,
  name: string,
  inputs: readonly string[],
  args: readonly string[],
): Promise<string> {
  const file = join(dir, name);
  await run(FFMPEG, [
    '-v',
    'error',
    '-y',
    ...inputs.flatMap((input) => ['-i', input]),
    '-c',
    'copy',
    ...args,
    file,
  ]);
  return file;
}

export interface SeenStream {
  readonly codec_type: string;
  readonly codec_name: string;
  readonly width?: number;
  readonly height?: number;
  readonly sample_aspect_ratio?: string;
}

/** Returns what ffprobe, as an independent reader, finds in a finished file, playlist or manifest. */
export async function see(file: string): Promise<{ streams: SeenStream[]; seconds: number }> {
  const args = ['-v', 'error', '-of', 'json', '-show_streams', '-show_format', file];
  const { stdout } = await run(FFPROBE, args);
  const { streams, format } = JSON.parse(stdout) as { streams: SeenStream[]; format: { duration: string } };
  return { streams, seconds: Number(format.duration) };
}

/** Decodes a whole file. Rejects at the first error; returns the warnings of the decoder. */
export async function decode(file: string): Promise<string> {
  const { stderr } = await run(FFMPEG, [
    '-v',
    'error',
    '-xerror',
    '-i',
    file,
    '-map',
    '0',
    '-f',
    'null',
    '-',
  ]);
  return stderr;
}
