import type { MediaLimits } from '../../../domain/media-limits.ts';
import { type InputLimits, mediaInputArgs } from '../ffmpeg/input-args.ts';
import { launcher } from '../ffmpeg/launcher.ts';
import { measureBounds } from '../ffmpeg/limits.ts';
import type { Probe } from './probe-report.ts';
import { fallbackNote, soundsToTry } from './stream-fallback.ts';

interface DecodingOptions {
  readonly ffprobePath: string;
  readonly signal: AbortSignal;
  readonly limits: MediaLimits & InputLimits;
}

/**
 * Returns the facts about a file with the first sound of which anything can be decoded, and none if nothing can. ffmpeg
 * would encode silence in its place without a word.
 */
export async function withDecodableSound(
  file: string,
  found: Probe,
  options: DecodingOptions,
): Promise<Probe> {
  for (const audio of soundsToTry(found)) {
    if (audio !== null && !(await isDecodable(file, audio.stream, options))) continue;
    if (audio === found.audio) return found;
    const { otherSounds = [], ...rest } = found;
    const others = otherSounds.filter((sound) => audio !== null && sound !== audio);
    const notes = [...found.notes, fallbackNote(found, { video: found.video, audio })];
    return { ...rest, audio, notes, ...(others.length > 0 ? { otherSounds: others } : {}) };
  }
  return { ...found, audio: null };
}

/**
 * Returns whether ffprobe decodes anything of a stream. It is ended at the first frame, so that only a stream of
 * which nothing can be decoded is read to its end.
 */
export async function isDecodable(
  file: string,
  stream: number,
  { ffprobePath, signal, limits }: DecodingOptions,
): Promise<boolean> {
  const decoded = new AbortController();
  const args = [
    ...['-v', 'warning', '-of', 'csv=p=0', '-select_streams', String(stream)],
    ...['-show_entries', 'frame=nb_samples,width', ...mediaInputArgs(file, limits)],
  ];
  const end = await launcher.run(ffprobePath, args, {
    signal: AbortSignal.any([signal, decoded.signal]),
    onLine: (line) => {
      if (/\d/.test(line)) decoded.abort();
    },
    bounds: measureBounds(limits),
  });
  return decoded.signal.aborted || end.exitCode !== 0 || LACK.test(end.stderr);
}

/** Messages of ffprobe if its build lacks the decoder. The encode then fails, and its reason names the decoder. */
const LACK = /Unsupported codec with id|doesn't support hardware accelerated/;
