import type { Config } from '../config/config.ts';
import { checkPlaces } from '../data-folder/check.ts';
import { canRun } from '../media/encoding/ffmpeg/child-process.ts';
import { probeBounds } from '../media/encoding/ffmpeg/limits.ts';
import type { Terminal } from './terminal.ts';

/**
 * `check-config`: prints the value of each setting, and whether ffmpeg and ffprobe can be run. Throws if a
 * setting has a value that can't be used.
 */
export async function checkConfig({ settings: readSettings, print }: Terminal): Promise<void> {
  const { config: inForce, settings } = readSettings();
  checkPlaces(inForce);
  for (const { name, value, setIn } of settings) {
    print(`${name.padEnd(35)} ${SHOWN[setIn ?? 'default'].padEnd(13)}  ${value}`.trimEnd());
  }
  print('');
  for (const line of notesAbout(inForce)) print(line);
  for (const program of [inForce.ffmpeg, inForce.ffprobe]) {
    const isFound = await canRun(program, {
      signal: AbortSignal.timeout(VERSION_TIMEOUT_MS),
      bounds: probeBounds(inForce.mediaLimits),
    });
    print(`${program}: ${isFound ? 'found' : "can't be run; media will fail until it can be run"}`);
  }
}

/** Words for the place where a setting is set. */
const SHOWN = { environment: 'set', 'settings file': 'settings file', default: 'default' } as const;

/** Returns lines about settings that operators often look for when something does not work. */
function notesAbout({ egressAllow, ignoredVariables }: Config): string[] {
  const networks = egressAllow.join(', ');
  return [
    networks === ''
      ? 'webhooks reach public addresses only; MEDIAHOOKS_EGRESS_ALLOW opens networks of your own to them'
      : `webhooks reach public addresses, and the networks of MEDIAHOOKS_EGRESS_ALLOW: ${networks}`,
    ...(ignoredVariables.length === 0
      ? []
      : [`ignored, because Kubernetes sets them for a Service: ${ignoredVariables.join(', ')}`]),
  ];
}

/**
 * Maximum milliseconds until ffmpeg or ffprobe has printed its version. A program that needs longer is too
 * slow to encode media.
 */
const VERSION_TIMEOUT_MS = 10_000;
