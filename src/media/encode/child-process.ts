import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { setPriority } from 'node:os';
import { createInterface } from 'node:readline';

/** What is kept of a child's stderr, in bytes: its last words are what explains its end. */
const STDERR_TAIL_BYTES = 4096;

/** Of 19: below the service and its database, above what an operator runs as idle work. */
const NICENESS = 10;

/** util-linux; makes the kernel kill the child when this process dies, were it by kill -9. */
const SETPRIV = '/usr/bin/setpriv';
const hasSetpriv = process.platform === 'linux' && existsSync(SETPRIV);

/** setpriv's exit codes for a program that it could not execute, or not find. */
const NOT_EXECUTED = [126, 127];

export interface ChildEnd {
  /** Null when a signal ended it. */
  readonly exitCode: number | null;
  readonly endSignal: NodeJS.Signals | null;
  /** Whether it ended because our `signal` was aborted. */
  readonly aborted: boolean;
  /** The end of what it wrote there. */
  readonly stderr: string;
}

export interface ChildOptions {
  /** Aborting it kills the child with SIGKILL: there is nothing in it to be saved. */
  readonly signal: AbortSignal;
  readonly cwd?: string;
  /** Called for each line of its stdout, which is closed otherwise. */
  readonly onLine?: (line: string) => void;
}

/**
 * Runs a program to its end, at low priority and without a shell. However it ends, the promise resolves only
 * when the process is gone, so that its files are still. Rejects if the program could not be started: that is
 * the operator's to mend.
 */
export async function runChild(
  command: string,
  args: readonly string[],
  options: ChildOptions,
): Promise<ChildEnd> {
  if (options.signal.aborted) return { exitCode: null, endSignal: null, aborted: true, stderr: '' };

  const child = spawnBound(command, args, options);
  if (child.pid !== undefined) lowerPriority(child.pid);
  const stderr = keepTail(child);
  if (options.onLine && child.stdout) createInterface({ input: child.stdout }).on('line', options.onLine);

  const kill = () => child.kill('SIGKILL');
  options.signal.addEventListener('abort', kill, { once: true });
  try {
    const { exitCode, endSignal } = await endOf(child, command);
    const aborted = options.signal.aborted && endSignal === 'SIGKILL';
    const end = { exitCode, endSignal, aborted, stderr: stderr() };
    if (wasNotExecuted(end)) throw new Error(`${command} could not be started: ${end.stderr.trim()}`);
    return end;
  } finally {
    options.signal.removeEventListener('abort', kill);
  }
}

function spawnBound(command: string, args: readonly string[], options: ChildOptions): ChildProcess {
  const [program, programArgs] = hasSetpriv
    ? [SETPRIV, ['--pdeathsig', 'KILL', '--', command, ...args]]
    : [command, args];
  return spawn(program, programArgs, {
    stdio: ['ignore', options.onLine ? 'pipe' : 'ignore', 'pipe'],
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
}

/** Deliveries go before encodes. Threads inherit it, as it is set before the program has made any. */
function lowerPriority(pid: number): void {
  try {
    setPriority(pid, NICENESS);
  } catch {
    // It has ended already, or the platform forbids it: only politeness is lost.
  }
}

function keepTail(child: ChildProcess): () => string {
  let tail = Buffer.alloc(0);
  child.stderr?.on('data', (chunk: Buffer) => {
    tail = Buffer.concat([tail, chunk]).subarray(-STDERR_TAIL_BYTES);
  });
  return () => tail.toString();
}

function endOf(
  child: ChildProcess,
  command: string,
): Promise<{ exitCode: number | null; endSignal: NodeJS.Signals | null }> {
  return new Promise((resolve, reject) => {
    child.once('error', (cause) => reject(new Error(`${command} could not be started`, { cause })));
    child.once('close', (exitCode, endSignal) => resolve({ exitCode, endSignal }));
  });
}

function wasNotExecuted(end: ChildEnd): boolean {
  return (
    hasSetpriv && NOT_EXECUTED.includes(end.exitCode ?? 0) && end.stderr.trimStart().startsWith('setpriv:')
  );
}
