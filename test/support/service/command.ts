import assert from 'node:assert/strict';
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';

const PROGRAM = resolve(import.meta.dirname, '../../../script/mediahooks');

/** The result of a run of the program. */
export interface ProgramEnd {
  readonly exitCode: number | null;
  readonly endSignal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningCommand {
  readonly child: ChildProcessWithoutNullStreams;
  readonly end: Promise<ProgramEnd>;
}

/** Running processes, so that a test process that ends early ends them, too. */
const children = new Set<ChildProcessWithoutNullStreams>();
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

/** Starts a command of the program as a process of its own, with these settings and no other; it may read `input`. */
export function startCommand(
  args: readonly string[],
  settings: Record<string, string>,
  input = '',
): RunningCommand {
  // The child inherits the rest of this process's environment, without settings of the service.
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('MEDIAHOOKS_'));
  const child = spawn(PROGRAM, args, { env: { ...Object.fromEntries(inherited), ...settings } });
  children.add(child);
  // A command that does not read its input may end before all of it is written.
  child.stdin.on('error', () => undefined).end(input);
  return { child, end: endOf(child) };
}

/** Runs a command to its end, whatever the result. */
export function runCommand(
  args: readonly string[],
  settings: Record<string, string>,
  input = '',
): Promise<ProgramEnd> {
  return startCommand(args, settings, input).end;
}

/** Runs a command, asserts that it succeeds and prints no error, and returns its output. */
export async function outputOfCommand(
  args: readonly string[],
  settings: Record<string, string>,
  input = '',
): Promise<string> {
  const { exitCode, stdout, stderr } = await runCommand(args, settings, input);
  assert.deepEqual([exitCode, stderr], [0, ''], args.join(' '));
  return stdout;
}

async function endOf(child: ChildProcessWithoutNullStreams): Promise<ProgramEnd> {
  const [stdout, stderr] = [textOf(child.stdout), textOf(child.stderr)];
  const [exitCode, endSignal] = await once(child, 'close');
  children.delete(child);
  return { exitCode, endSignal, stdout: stdout(), stderr: stderr() };
}

function textOf(stream: NodeJS.ReadableStream): () => string {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  return () => Buffer.concat(chunks).toString();
}
