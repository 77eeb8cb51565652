import type { MediaLimits } from '../../../domain/media-limits.ts';
import { runChild } from '../ffmpeg/child-process.ts';
import { type InputLimits, mediaInputArgs } from '../ffmpeg/input-args.ts';
import { measureBounds } from '../ffmpeg/limits.ts';
import type { Probe } from './probe-report.ts';
import { fallbackNote, soundsToTry } from './sound-fallback.ts';

interface DecodingOptions {
  readonly ffprobePath: string;
  readonly signal: AbortSignal;
  readonly limits: MediaLimits & InputLimits;
}

/**
 * Returns the facts about a file with the first sound of which anything can be decoded, and none if nothing can. ffmpeg
 * would encode silence in its place without a word. A file of sound alone keeps its sound, so that its encode says why
 * it fails.
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
    const notes = [...found.notes, fallbackNote(audio)];
    return { ...rest, audio, notes, ...(others.length > 0 ? { otherSounds: others } : {}) };
  }
  return found;
}

/**
 * Returns whether ffprobe decodes anything of a stream. It is ended at the first piece of sound, so that only a stream of
 * which nothing can be decoded is read to its end.
 */
async function isDecodable(
  file: string,
  stream: number,
  { ffprobePath, signal, limits }: DecodingOptions,
): Promise<boolean> {
  const decoded = new AbortController();
  const args = [
    ...['-v', 'error', '-of', 'csv=p=0', '-select_streams', String(stream)],
    ...['-show_entries', 'frame=nb_samples', ...mediaInputArgs(file, limits)],
  ];
  const end = await runChild(ffprobePath, args, {
    signal: AbortSignal.any([signal, decoded.signal]),
    onLine: (line) => {
      if (/\d/.test(line)) decoded.abort();
    },
    bounds: measureBounds(limits),
  });
  return decoded.signal.aborted || end.exitCode !== 0;
}
