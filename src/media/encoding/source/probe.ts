import type { MediaLimits } from '../../../domain/media-limits.ts';
import { runChild } from '../ffmpeg/child-process.ts';
import { type Failure, failure, outcomeOf, tooLargePictureIn } from '../ffmpeg/failures.ts';
import { mediaInputArgs } from '../ffmpeg/input-args.ts';
import { measureBounds, probeBounds } from '../ffmpeg/limits.ts';
import { inputRefusal } from './input-limits.ts';
import { PACKET_ENTRIES, PacketReader, type PacketTimes } from './packet-times.ts';
import { type Probe, type ProbeReport, REPORTED_ENTRIES, readReport } from './probe-report.ts';

export interface ProbeOptions {
  readonly ffprobePath: string;
  readonly signal: AbortSignal;
  readonly limits: MediaLimits;
}

/**
 * Maximum number of characters of ffprobe's report that are read. The report on a thousand streams is
 * shorter.
 */
const MAX_REPORT_LENGTH = 4_194_304;

/**
 * Reads the streams and the duration of a received file, and decides whether the file is accepted. Rejects if
 * ffprobe cannot be started.
 */
export async function probe(
  file: string,
  options: ProbeOptions,
): Promise<{ ok: true; probe: Probe } | Failure> {
  const report = await readJson(file, options);
  if (!report.ok) return report;

  const packets = await readPackets(file, options);
  if (!packets.ok) return packets;
  const found = readReport(report.report, packets.times);
  if (!found.video && !found.audio) {
    const nothing = 'the file contains no video or audio that can be decoded';
    return failure('failed', tooLargePictureIn(report.stderr) ?? nothing);
  }
  return accepted(report.report, found, options);
}

function accepted(
  report: ProbeReport,
  found: Probe,
  { limits }: ProbeOptions,
): { ok: true; probe: Probe } | Failure {
  const refusal = inputRefusal(report, found, limits);
  return refusal === null ? { ok: true, probe: found } : failure('failed', refusal);
}

async function readJson(
  file: string,
  { ffprobePath, signal, limits }: ProbeOptions,
): Promise<{ ok: true; report: ProbeReport; stderr: string } | Failure> {
  const entries = ['-v', 'error', '-of', 'json', '-show_entries', REPORTED_ENTRIES];
  const args = [...entries, ...mediaInputArgs(file, limits)];
  let text = '';
  const onLine = (line: string) => {
    if (text.length < MAX_REPORT_LENGTH) text += line;
  };
  const end = await runChild(ffprobePath, args, { signal, onLine, bounds: probeBounds(limits) });
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
async function readPackets(
  file: string,
  { ffprobePath, signal, limits }: ProbeOptions,
): Promise<{ ok: true; times: ReadonlyMap<number, PacketTimes> } | Failure> {
  const reader = new PacketReader();
  const entries = ['-v', 'error', '-of', 'csv=p=0', '-show_entries', PACKET_ENTRIES];
  const args = [...entries, ...mediaInputArgs(file, limits)];
  const end = await runChild(ffprobePath, args, {
    signal,
    onLine: reader.onLine,
    bounds: measureBounds(limits),
  });
  const outcome = outcomeOf(end);
  return outcome.ok ? { ok: true, times: reader.times() } : outcome;
}
