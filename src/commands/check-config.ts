import type { Config } from '../config/config.ts';
import { checkPlaces } from '../data-folder/check.ts';
import { findCapabilities } from '../media/encoding/ffmpeg/capabilities.ts';
import { lacksOf } from '../media/encoding/ffmpeg/lacks.ts';
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
  for (const line of await notesAboutPrograms(inForce)) print(line);
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

/** Returns lines about ffmpeg and ffprobe: whether they can be run, and what they lack. */
async function notesAboutPrograms({ ffmpeg, ffprobe, mediaLimits }: Config): Promise<string[]> {
  const { capabilities, notRunnable } = await findCapabilities(
    { ffmpegPath: ffmpeg, ffprobePath: ffprobe },
    { signal: AbortSignal.timeout(LISTING_TIMEOUT_MS), bounds: probeBounds(mediaLimits) },
  );
  const missing = "can't be run; media will fail until it can be run";
  const { version } = capabilities;
  return [
    `${ffmpeg}: ${notRunnable.includes('ffmpegPath') ? missing : `found, version ${version ?? 'unknown'}`}`,
    `${ffprobe}: ${notRunnable.includes('ffprobePath') ? missing : 'found'}`,
    ...lacksOf(capabilities).map(({ component, consequence }) => `ffmpeg lacks ${component}: ${consequence}`),
  ];
}

/**
 * Maximum milliseconds until ffmpeg and ffprobe have listed what they can do. Programs that need longer are too
 * slow to encode media.
 */
const LISTING_TIMEOUT_MS = 20_000;
