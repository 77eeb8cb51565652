import { checkPlaces } from '../data-folder/check.ts';
import { canRun } from '../media/encoding/ffmpeg/child-process.ts';
import { probeBounds } from '../media/encoding/ffmpeg/limits.ts';
import type { Terminal } from './terminal.ts';

/**
 * `check-config`: prints the value of each setting, and whether ffmpeg and ffprobe can be run. Throws if a
 * setting has a value that can't be used.
 */
export async function checkConfig({ config, settings, print }: Terminal): Promise<void> {
  const inForce = config();
  checkPlaces(inForce);
  for (const { name, value, isSet } of settings()) {
    print(`${name.padEnd(32)} ${isSet ? 'set    ' : 'default'}  ${value}`.trimEnd());
  }
  print('');
  for (const program of [inForce.ffmpeg, inForce.ffprobe]) {
    const isFound = await canRun(program, {
      signal: AbortSignal.timeout(VERSION_TIMEOUT_MS),
      bounds: probeBounds(inForce.mediaLimits),
    });
    print(`${program}: ${isFound ? 'found' : "can't be run; media will fail until it can be run"}`);
  }
}

/**
 * Maximum milliseconds until ffmpeg or ffprobe has printed its version. A program that needs longer is too
 * slow to encode media.
 */
const VERSION_TIMEOUT_MS = 10_000;
