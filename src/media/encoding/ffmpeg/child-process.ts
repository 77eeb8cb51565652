import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { setPriority } from 'node:os';
import { createInterface } from 'node:readline';

/** Last bytes of a child's stderr that are kept: they explain why it ended. */
const STDERR_TAIL_BYTES = 4096;

/** Niceness of children, of at most 19: below the service and its database, above an operator's idle jobs. */
const NICENESS = 10;

/** Program of util-linux that makes the kernel kill the child when this process dies, even by `kill -9`. */
const SETPRIV = '/usr/bin/setpriv';
/** Program of util-linux that sets limits which the kernel enforces. */
export const PRLIMIT = '/usr/bin/prlimit';

/** Messages of setpriv and prlimit about a program that they cannot execute or a limit that they cannot set. */
const NOT_EXECUTED = /^\s*(?:setpriv|prlimit): /;

/**
 * Variables of our environment that a child gets: where programs, libraries and temporary files are. The rest stays
 * here, because our settings hold secrets and because variables such as FFREPORT change what ffmpeg does.
 */
const INHERITED_VARIABLES = ['PATH', 'LD_LIBRARY_PATH', 'TMPDIR'];

/** Limits of one child. */
export interface ChildBounds {
  /** Milliseconds after which the child is killed. */
  readonly timeMs: number;
  /** Bytes of address space. Enforced only where `canBoundChildren`, as is `fileBytes`. */
  readonly memoryBytes: number;
  /** Bytes of each file that the child writes. */
  readonly fileBytes: number;
}

export interface ChildEnd {
  /** `null`: a signal ended it. */
  readonly exitCode: number | null;
  readonly endSignal: NodeJS.Signals | null;
  /** Whether it ended because our `signal` was aborted. */
  readonly aborted: boolean;
  /** Whether it ended because its time was over. */
  readonly timedOut: boolean;
  /** Whether its memory was limited. If so, a lack of memory is its own fault and not the machine's. */
  readonly memoryBounded: boolean;
  /** Last 4 KiB of stderr. */
  readonly stderr: string;
}

export interface ChildOptions {
  /** Kills the child with SIGKILL when it is aborted, because nothing in a child is worth saving. */
  readonly signal: AbortSignal;
  readonly cwd?: string;
  /** Called with each line of stdout. Without it, stdout is closed. */
  readonly onLine?: (line: string) => void;
  readonly bounds?: ChildBounds;
}

/** Returns whether this machine can limit a child's memory and the size of its files. Time is always limited. */
export function canBoundChildren(): boolean {
  return isInstalled(PRLIMIT);
}

/**
 * Runs a program to its end: at low priority, without a shell, without our environment, and in a process group of its
 * own, which is killed as a whole. The promise resolves only when the process is gone, so that its files no longer
 * change. Rejects if the program cannot be started, which only the operator can repair.
 */
export async function runChild(
  command: string,
  args: readonly string[],
  options: ChildOptions,
): Promise<ChildEnd> {
  const wrappers = wrapperArgs(options.bounds);
  const memoryBounded = wrappers.includes(PRLIMIT);
  if (options.signal.aborted) {
    return { exitCode: null, endSignal: null, aborted: true, timedOut: false, memoryBounded, stderr: '' };
  }

  const child = spawnIn([...wrappers, command, ...args], options);
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
    const wasNotExecuted = wrappers.length > 0 && exitCode !== 0 && NOT_EXECUTED.test(end.stderr);
    if (wasNotExecuted) throw new Error(`${command} could not be started: ${end.stderr.trim()}`);
    return end;
  } finally {
    clearTimeout(timer);
    options.signal.removeEventListener('abort', kill);
  }
}

/** Returns whether a program can be run at all within `bounds`. */
export async function canRun(
  path: string,
  options: Pick<ChildOptions, 'signal' | 'bounds'>,
): Promise<boolean> {
  try {
    return (await runChild(path, ['-version'], options)).exitCode === 0;
  } catch {
    return false;
  }
}

/** Returns the whole environment of a child. Its messages are in English, because we parse them. */
export function childEnvironment(ours: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const inherited = INHERITED_VARIABLES.flatMap((name) =>
    ours[name] === undefined ? [] : [[name, ours[name]]],
  );
  return { ...Object.fromEntries(inherited), LC_ALL: 'C' };
}

function isInstalled(program: string): boolean {
  return process.platform === 'linux' && existsSync(program);
}

/** Returns the command line of the installed wrappers. Cores are off: a core dump would hold what was uploaded. */
function wrapperArgs(bounds: ChildBounds | undefined): string[] {
  const args: string[] = [];
  if (isInstalled(SETPRIV)) args.push(SETPRIV, '--no-new-privs', '--pdeathsig', 'KILL', '--');
  if (bounds && canBoundChildren()) {
    args.push(PRLIMIT, `--as=${bounds.memoryBytes}`, `--fsize=${bounds.fileBytes}`, '--core=0', '--');
  }
  return args;
}

function spawnIn([program = '', ...args]: readonly string[], { cwd, onLine }: ChildOptions): ChildProcess {
  return spawn(program, args, {
    env: childEnvironment(),
    detached: true,
    stdio: ['ignore', onLine ? 'pipe' : 'ignore', 'pipe'],
    ...(cwd === undefined ? {} : { cwd }),
  });
}

/** Kills the whole group, because a program may be a script that runs another. */
function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // The process has already ended.
  }
}

/** Makes deliveries go before encodes. The program's threads inherit the niceness, as none exists yet. */
function lowerPriority(pid: number): void {
  try {
    setPriority(pid, NICENESS);
  } catch {
    // The process has already ended, or the platform forbids it: the child then runs at normal priority.
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
