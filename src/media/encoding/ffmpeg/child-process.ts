import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { setPriority } from 'node:os';
import { createInterface } from 'node:readline';
import { childEnvironment } from './child-environment.ts';

/** What is kept of a child's stderr, in bytes: its last words are what explains its end. */
const STDERR_TAIL_BYTES = 4096;

/** Of 19: below the service and its database, above what an operator runs as idle work. */
const NICENESS = 10;

/** util-linux; makes the kernel kill the child when this process dies, were it by kill -9. */
const SETPRIV = '/usr/bin/setpriv';
const hasSetpriv = process.platform === 'linux' && existsSync(SETPRIV);

/** util-linux; the limits that it sets are the kernel's to keep. */
export const PRLIMIT = '/usr/bin/prlimit';
const hasPrlimit = process.platform === 'linux' && existsSync(PRLIMIT);

/** What setpriv and prlimit say of a program that they could not execute, or of a limit that can't be set. */
const NOT_EXECUTED = /^\s*(?:setpriv|prlimit): /;

/** What a child may take of the machine. */
export interface ChildBounds {
  /** Milliseconds, after which it is killed. */
  readonly timeMs: number;
  /** Bytes of address space. Held where `boundsAreHeld`, as are those of a file. */
  readonly memoryBytes: number;
  /** Bytes of each file that it writes. */
  readonly fileBytes: number;
}

/** Whether bounds of memory and of files can be set on this machine; that of time always is. */
export const boundsAreHeld = hasPrlimit;

export interface ChildEnd {
  /** Null when a signal ended it. */
  readonly exitCode: number | null;
  readonly endSignal: NodeJS.Signals | null;
  /** Whether it ended because our `signal` was aborted. */
  readonly aborted: boolean;
  /** Whether it ended because its time was over. */
  readonly timedOut: boolean;
  /** Whether its memory was bounded: want of it is then its own doing, and not the machine's. */
  readonly memoryBounded: boolean;
  /** The end of what it wrote there. */
  readonly stderr: string;
}

export interface ChildOptions {
  /** Aborting it kills the child with SIGKILL: there is nothing in it to be saved. */
  readonly signal: AbortSignal;
  readonly cwd?: string;
  /** Called for each line of its stdout, which is closed otherwise. */
  readonly onLine?: (line: string) => void;
  readonly bounds?: ChildBounds;
}

/**
 * Runs a program to its end, at low priority, without a shell, without our environment, and in a process group of its
 * own, which is killed as a whole. However it ends, the promise resolves only when the process is gone, so that its
 * files are still. Rejects if the program could not be started: that is the operator's to mend.
 */
export async function runChild(
  command: string,
  args: readonly string[],
  options: ChildOptions,
): Promise<ChildEnd> {
  const memoryBounded = boundsAreHeld && options.bounds !== undefined;
  if (options.signal.aborted) {
    return { exitCode: null, endSignal: null, aborted: true, timedOut: false, memoryBounded, stderr: '' };
  }

  const child = spawnBound(command, args, options);
  if (child.pid !== undefined) lowerPriority(child.pid);
  const stderr = keepTail(child);
  if (options.onLine && child.stdout) createInterface({ input: child.stdout }).on('line', options.onLine);

  let isOverdue = false;
  const kill = () => killGroup(child);
  options.signal.addEventListener('abort', kill, { once: true });
  const overdue = () => {
    isOverdue = true;
    kill();
  };
  const timer = options.bounds && setTimeout(overdue, options.bounds.timeMs);
  try {
    const { exitCode, endSignal } = await endOf(child, command);
    const wasKilled = endSignal === 'SIGKILL';
    const aborted = options.signal.aborted && wasKilled;
    const timedOut = isOverdue && wasKilled && !aborted;
    const end = { exitCode, endSignal, aborted, timedOut, memoryBounded, stderr: stderr() };
    if (wasNotExecuted(end)) throw new Error(`${command} could not be started: ${end.stderr.trim()}`);
    return end;
  } finally {
    clearTimeout(timer);
    options.signal.removeEventListener('abort', kill);
  }
}

function spawnBound(command: string, args: readonly string[], options: ChildOptions): ChildProcess {
  const [program = command, ...programArgs] = [
    ...(hasSetpriv ? [SETPRIV, '--no-new-privs', '--pdeathsig', 'KILL', '--'] : []),
    ...boundArgs(options.bounds),
    command,
    ...args,
  ];
  return spawn(program, programArgs, {
    env: childEnvironment(),
    detached: true,
    stdio: ['ignore', options.onLine ? 'pipe' : 'ignore', 'pipe'],
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
}

/** A crash leaves no core, which would hold what was uploaded. */
function boundArgs(bounds: ChildBounds | undefined): string[] {
  if (!hasPrlimit || !bounds) return [];
  return [PRLIMIT, `--as=${bounds.memoryBytes}`, `--fsize=${bounds.fileBytes}`, '--core=0', '--'];
}

/** A program may be a script that runs another. */
function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended already.
  }
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

function wasNotExecuted({ exitCode, stderr }: ChildEnd): boolean {
  return (hasSetpriv || hasPrlimit) && exitCode !== 0 && NOT_EXECUTED.test(stderr);
}
