import assert from 'node:assert/strict';
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';

const PROGRAM = resolve(import.meta.dirname, '../../../script/mediahooks');

/** Result of a run of the program. */
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

/** Running processes. They are killed when the test process ends early. */
const children = new Set<ChildProcessWithoutNullStreams>();
process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

/**
 * Starts a command of the program as a process of its own, with `settings` as its only settings. @param input
 * text on its standard input
 */
export function startCommand(
  args: readonly string[],
  settings: Record<string, string>,
  input = '',
): RunningCommand {
  return startProgram(args, settings, { input });
}

/**
 * Starts a command as `startCommand` does.
 * @param options `log` is a descriptor to which standard error goes. Without it, `ProgramEnd.stderr` has the text
 */
export function startProgram(
  args: readonly string[],
  settings: Record<string, string>,
  { input = '', log }: { readonly input?: string; readonly log?: number | undefined } = {},
): RunningCommand {
  // The child inherits the environment of this process, except for settings of the service.
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('MEDIAHOOKS_'));
  const env = { ...Object.fromEntries(inherited), ...settings };
  const stdio = ['pipe', 'pipe', log ?? 'pipe'] as const;
  const child = spawn(PROGRAM, args, { env, stdio: [...stdio] }) as ChildProcessWithoutNullStreams;
  children.add(child);
  // The error is ignored, because a command that does not read its input can end before all input is written.
  child.stdin.on('error', () => undefined).end(input);
  return { child, end: endOf(child) };
}

/** Runs a command and waits for its end, whether it succeeds or not. */
export function runCommand(
  args: readonly string[],
  settings: Record<string, string>,
  input = '',
): Promise<ProgramEnd> {
  return startCommand(args, settings, input).end;
}

/** Runs a command, asserts that it succeeds and prints no errors, and returns its standard output. */
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
  const [stdout, stderr] = [textOf(child.stdout), child.stderr ? textOf(child.stderr) : () => ''];
  const [exitCode, endSignal] = await once(child, 'close');
  children.delete(child);
  return { exitCode, endSignal, stdout: stdout(), stderr: stderr() };
}

function textOf(stream: NodeJS.ReadableStream): () => string {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  return () => Buffer.concat(chunks).toString();
}
