import type { MediaType } from '../../domain/media.ts';
import { notesOf } from '../encoding/plan/notes.ts';
import { judgeSource, type ProbeOptions, readSource } from '../encoding/source/probe.ts';
import { defaultRequests, planLines } from './describe-plan.ts';
import { factLines, headerLines } from './describe-source.ts';
import { encodedLines } from './measure-encoded.ts';

export interface ReportOptions extends ProbeOptions {
  /** Type that the media would be created with. */
  readonly type: MediaType;
  /** Whether all default qualities are encoded and measured. */
  readonly encode: boolean;
}

/**
 * Passes the lines of a report on a file to `print`: what was found, what is decided for each default quality, and
 * what was measured of the result. Returns whether the service would accept the file.
 */
export async function reportMedia(
  file: string,
  options: ReportOptions,
  print: (line: string) => void,
): Promise<boolean> {
  const section = (heading: string, lines: readonly string[]) => {
    for (const line of [heading, ...lines, '']) print(line);
  };
  const refuse = (reason: string) => {
    print(`The media would fail: ${reason}.`);
    return false;
  };
  const read = await readSource(file, options);
  if (!read.ok) return refuse(read.reason);
  section('In the file', headerLines(read.source));

  const judged = await judgeSource(file, read.source, options);
  if (!judged.ok) return refuse(judged.reason);
  const { probe } = judged;
  section('What the service makes of it', factLines(probe));

  const type = probe.video ? options.type : 'audio';
  const notes = notesOf(probe, { type: options.type, qualities: defaultRequests(type).map(waiting) });
  section('Notes of the media', notes.length > 0 ? notes.map((note) => `  ${note}`) : ['  none']);
  section('How it is encoded', planLines(probe, type));
  if (options.encode) section('Measured', await encodedLines({ ...options, source: file, probe, type }));
  return true;
}

function waiting(request: ReturnType<typeof defaultRequests>[number], position: number) {
  return { ...request, position, status: 'waiting' as const };
}
