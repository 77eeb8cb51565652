import type { MediaLimits } from '../../../domain/media-limits.ts';
import { runChild } from '../ffmpeg/child-process.ts';
import { type Failure, failure, outcomeOf, tooLargePictureIn } from '../ffmpeg/failures.ts';
import { mediaInputArgs } from '../ffmpeg/input-args.ts';
import { measureBounds, probeBounds } from '../ffmpeg/limits.ts';
import { inputRefusal } from './input-limits.ts';
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

  const found = readReport(report.report);
  const stream = found.video?.stream ?? found.audio?.stream;
  if (stream === undefined) {
    const nothing = 'the file contains no video or audio that can be decoded';
    return failure('failed', tooLargePictureIn(report.stderr) ?? nothing);
  }
  if (found.durationSeconds > 0) return accepted(report.report, found, options);

  const measured = await measureDuration(file, stream, options);
  if (!measured.ok) return measured;
  return accepted(report.report, { ...found, durationSeconds: measured.seconds }, options);
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
 * Measures the seconds from the first to the last packet of a stream. This is needed because some files state
 * no duration in their headers: WebM that a browser recorded, and Matroska that ffmpeg wrote to a pipe.
 * ffprobe reads the whole file but decodes nothing.
 */
async function measureDuration(
  file: string,
  stream: number,
  { ffprobePath, signal, limits }: ProbeOptions,
): Promise<{ ok: true; seconds: number } | Failure> {
  const entries = [
    '-select_streams',
    String(stream),
    '-show_entries',
    'packet=pts_time,dts_time,duration_time',
  ];
  const args = ['-v', 'error', ...entries, '-of', 'csv=p=0', ...mediaInputArgs(file, limits)];
  let start = Number.POSITIVE_INFINITY;
  let end = 0;
  const onLine = (line: string) => {
    const [shown = Number.NaN, decoded = Number.NaN, duration = 0] = line.split(',').map(Number);
    const time = Number.isFinite(shown) ? shown : decoded;
    if (!Number.isFinite(time)) return;
    start = Math.min(start, time);
    end = Math.max(end, time + (duration || 0));
  };
  const outcome = outcomeOf(
    await runChild(ffprobePath, args, { signal, onLine, bounds: measureBounds(limits) }),
  );
  return outcome.ok ? { ok: true, seconds: Math.max(0, end - start) } : outcome;
}
