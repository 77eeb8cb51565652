import { checkPlaces } from '../data-folder/check.ts';
import { probeBounds } from '../media/encoding/ffmpeg/limits.ts';
import { programRuns } from '../media/encoding/ffmpeg/program-runs.ts';
import type { Terminal } from './terminal.ts';

/** `check-config`: prints the settings in force; one that can't work has ended the command before. */
export async function checkConfig({ config, settings, print }: Terminal): Promise<void> {
  const inForce = config();
  checkPlaces(inForce);
  for (const { name, value, isSet } of settings()) {
    print(`${name.padEnd(32)} ${isSet ? 'set    ' : 'default'}  ${value}`.trimEnd());
  }
  print('');
  for (const program of [inForce.ffmpeg, inForce.ffprobe]) {
    const isFound = await programRuns(program, {
      signal: AbortSignal.timeout(PATIENCE_MS),
      bounds: probeBounds(inForce.mediaLimits),
    });
    print(`${program}: ${isFound ? 'found' : "can't be run; media will fail until it can"}`);
  }
}

/** A program that says nothing of its version for so long will not encode, either. */
const PATIENCE_MS = 10_000;
