import type { MediaLimits } from '../../../domain/media-limits.ts';
import { type Failure, failure, outcomeOf } from '../ffmpeg/failures.ts';
import { type InputLimits, mediaInputArgs } from '../ffmpeg/input-args.ts';
import { launcher } from '../ffmpeg/launcher.ts';
import { measureBounds, probeBounds } from '../ffmpeg/limits.ts';
import { type FilePackets, PACKET_ENTRIES, PacketReader } from './packet-times.ts';
import { type ProbeReport, REPORTED_ENTRIES } from './probe-report.ts';

export interface ReadOptions {
  readonly ffprobePath: string;
  readonly signal: AbortSignal;
  readonly limits: MediaLimits & InputLimits;
}

/**
 * Maximum number of characters of ffprobe's report that are read. The report on a thousand streams is
 * shorter.
 */
const MAX_REPORT_LENGTH = 4_194_304;

/** Reads what the headers of a file say about its streams. */
export async function readHeaders(
  file: string,
  { ffprobePath, signal, limits }: ReadOptions,
): Promise<{ ok: true; report: ProbeReport; stderr: string } | Failure> {
  const entries = ['-v', 'error', '-of', 'json', '-show_entries', REPORTED_ENTRIES];
  const args = [...entries, ...mediaInputArgs(file, limits)];
  let text = '';
  const onLine = (line: string) => {
    if (text.length < MAX_REPORT_LENGTH) text += line;
  };
  const end = await launcher.run(ffprobePath, args, { signal, onLine, bounds: probeBounds(limits) });
  const outcome = outcomeOf(end);
  if (!outcome.ok) return outcome;
  try {
    return { ok: true, report: JSON.parse(text) as ProbeReport, stderr: end.stderr };
  } catch {
    return failure('failed', 'the description of the file cannot be read');
  }
}

/**
 * Reads the times of all packets. Headers do not suffice: they estimate the duration of some files, know
 * nothing of others, and declare streams that are empty. ffprobe reads the whole file but decodes nothing.
 */
export async function readPackets(
  file: string,
  { ffprobePath, signal, limits }: ReadOptions,
): Promise<{ ok: true; packets: FilePackets } | Failure> {
  const excess = new AbortController();
  const reader = new PacketReader((reason) => excess.abort(failure('failed', reason)));
  const entries = ['-v', 'error', '-of', 'csv=p=0', '-show_entries', PACKET_ENTRIES];
  const args = [...entries, ...mediaInputArgs(file, limits)];
  const end = await launcher.run(ffprobePath, args, {
    signal: AbortSignal.any([signal, excess.signal]),
    onLine: reader.onLine,
    bounds: measureBounds(limits),
  });
  if (excess.signal.aborted && !signal.aborted) return excess.signal.reason as Failure;
  const outcome = outcomeOf(end);
  if (!outcome.ok) return outcome;
  return { ok: true, packets: { ...reader.packets(), isDamaged: end.stderr !== '' } };
}
