import type { MediaLimits } from '../../../domain/media-limits.ts';
import { listPacketsArgs } from '../command/derived-file-args.ts';
import { runChild } from '../ffmpeg/child-process.ts';
import { type Failure, outcomeOf, UNDECODABLE } from '../ffmpeg/failures.ts';
import { copyBounds } from '../ffmpeg/limits.ts';
import { CopyReader } from '../source/joined-times.ts';

/**
 * Returns when a finished quality begins on its own timeline, in seconds: with its first picture or, without a picture,
 * after the first frame of its sound, which is silent because the encoder needs it to begin. ffmpeg is asked, because
 * older versions of the service began at other times. It is ended at the first packet of the picture.
 */
export async function readBeginning(
  playlist: string,
  {
    ffmpegPath,
    signal,
    limits,
  }: { readonly ffmpegPath: string; readonly signal: AbortSignal; readonly limits: MediaLimits },
): Promise<{ ok: true; seconds: number } | Failure> {
  const found = new AbortController();
  const reader = new CopyReader([0, 1]);
  let hasPicture = false;
  const onLine = (line: string) => {
    hasPicture ||= line.startsWith('#media_type 0: video');
    reader.onLine(line);
    if (reader.times().has(0)) found.abort();
  };
  const end = await runChild(ffmpegPath, listPacketsArgs(playlist), {
    signal: AbortSignal.any([signal, found.signal]),
    onLine,
    bounds: copyBounds(limits),
  });
  const first = reader.times().get(0);
  if (first !== undefined && !signal.aborted)
    return { ok: true, seconds: hasPicture ? first.start : first.end };
  const outcome = outcomeOf(end);
  return outcome.ok ? UNDECODABLE : outcome;
}
