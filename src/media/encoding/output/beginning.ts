import type { MediaLimits } from '../../../domain/media-limits.ts';
import { listPacketsArgs } from '../command/derived-file-args.ts';
import { type Failure, outcomeOf, UNDECODABLE } from '../ffmpeg/failures.ts';
import { launcher } from '../ffmpeg/launcher.ts';
import { copyBounds } from '../ffmpeg/limits.ts';
import { CopyReader } from '../source/joined-times.ts';
import type { PacketTimes } from '../source/packet-times.ts';

interface ReadingOptions {
  readonly ffmpegPath: string;
  readonly signal: AbortSignal;
  readonly limits: MediaLimits;
}

/**
 * Returns when a finished quality begins on its own timeline, in seconds: with its first picture or, without a picture,
 * after the first frame of its sound, which is silent because the encoder needs it to begin. ffmpeg is asked, because
 * older versions of the service began at other times.
 */
export async function readBeginning(
  playlist: string,
  options: ReadingOptions,
): Promise<{ ok: true; seconds: number } | Failure> {
  const first = await readFirstPacket(playlist, options);
  return first.ok ? { ok: true, seconds: first.isPicture ? first.start : first.end } : first;
}

/**
 * Returns when the first packet of a file of the service begins and ends: of its picture if it has one, otherwise of its
 * sound. ffmpeg is ended at this packet.
 */
export async function readFirstPacket(
  file: string,
  { ffmpegPath, signal, limits }: ReadingOptions,
): Promise<{ ok: true; isPicture: boolean; start: number; end: number } | Failure> {
  const found = new AbortController();
  const reader = new CopyReader([0, 1]);
  let isPicture = false;
  let first: PacketTimes | undefined;
  const onLine = (line: string) => {
    isPicture ||= line.startsWith('#media_type 0: video');
    // Lines that were written before ffmpeg is gone still come.
    if (first !== undefined) return;
    reader.onLine(line);
    first = reader.times().get(0);
    if (first !== undefined) found.abort();
  };
  const end = await launcher.run(ffmpegPath, listPacketsArgs(file), {
    signal: AbortSignal.any([signal, found.signal]),
    onLine,
    bounds: copyBounds(limits),
  });
  if (first !== undefined && !signal.aborted)
    return { ok: true, isPicture, start: first.start, end: first.end };
  const outcome = outcomeOf(end);
  return outcome.ok ? UNDECODABLE : outcome;
}
