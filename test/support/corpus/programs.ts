import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import {
  type FfmpegCapabilities,
  findCapabilities,
} from '../../../src/media/encoding/ffmpeg/capabilities.ts';

const execute = promisify(execFile);

/**
 * The programs that the service runs in the corpus. `MEDIA_FFMPEG` and `MEDIA_FFPROBE` name another build. Sources are
 * made, and outputs are measured, with the programs on the PATH, so that two builds are compared on the same files.
 */
export const SERVICE_FFMPEG = process.env.MEDIA_FFMPEG ?? 'ffmpeg';
export const SERVICE_FFPROBE = process.env.MEDIA_FFPROBE ?? 'ffprobe';

/** Runs a program of the PATH. Returns what it wrote to stdout. Rejects with its messages if it fails. */
export async function run(
  program: 'ffmpeg' | 'ffprobe',
  args: readonly string[],
  cwd: string,
): Promise<string> {
  const quiet = ['-v', 'error', ...(program === 'ffmpeg' ? ['-nostdin', '-y'] : [])];
  const { stdout } = await execute(program, [...quiet, ...args], { cwd, maxBuffer: 64 * 2 ** 20 });
  return stdout;
}

/** Returns what the service's build of ffmpeg can do; it is asked once in each process. */
export function serviceCapabilities(): Promise<FfmpegCapabilities> {
  found ??= findCapabilities(
    { ffmpegPath: SERVICE_FFMPEG, ffprobePath: SERVICE_FFPROBE },
    { signal: new AbortController().signal },
  );
  return found.then(({ capabilities }) => capabilities);
}

let found: ReturnType<typeof findCapabilities> | undefined;
