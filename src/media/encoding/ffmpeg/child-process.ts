import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { lowerPriority } from './low-priority.ts';

/**
 * Number of bytes that are kept of the end of a child's stderr, because the last messages explain why the
 * child ended.
 */
const STDERR_TAIL_BYTES = 4096;

/**
 * Program of util-linux that makes the kernel kill the child when this process dies, even if `kill -9` ended
 * this process.
 */
const SETPRIV = '/usr/bin/setpriv';
/**
 * Program of util-linux that limits the child's memory and the size of its files. The kernel enforces these
 * limits.
 */
export const PRLIMIT = '/usr/bin/prlimit';

/** Messages that setpriv or prlimit writes when it cannot execute the program, or cannot set a limit. */
const NOT_EXECUTED = /^\s*(?:setpriv|prlimit): /;

/**
 * Environment variables of the service that a child inherits: they say where programs, libraries and
 * temporary files are. A child gets no other variable, because the settings of the service hold secrets, and
 * because variables such as FFREPORT change the behaviour of ffmpeg.
 */
const INHERITED_VARIABLES = ['PATH', 'LD_LIBRARY_PATH', 'TMPDIR'];

/** Limits of one child process. */
export interface ChildBounds {
  /** Milliseconds after which the child is killed. */
  readonly timeMs: number;
  /**
   * Maximum number of bytes of address space. This limit and `fileBytes` are enforced only if
   * `canBoundChildren` returns true.
   */
  readonly memoryBytes: number;
  /** Maximum number of bytes of each file that the child writes. */
  readonly fileBytes: number;
}

export interface ChildEnd {
  /** `null`: a signal ended the child. */
  readonly exitCode: number | null;
  readonly endSignal: NodeJS.Signals | null;
  /** Whether the child was killed because the caller aborted `signal`. */
  readonly aborted: boolean;
  /** Whether the child was killed because it exceeded its time limit. */
  readonly timedOut: boolean;
  /**
   * Whether the memory of the child was limited. If so, a lack of memory means that the child reached its
   * limit, not that the machine has no memory left.
   */
  readonly memoryBounded: boolean;
  /** Last 4 KiB of stderr. */
  readonly stderr: string;
}

export interface ChildOptions {
  /**
   * Aborting this signal kills the child with SIGKILL. The child gets no time to finish, because its
   * incomplete output is of no use.
   */
  readonly signal: AbortSignal;
  readonly cwd?: string;
  /** Called with each line of the child's stdout. Without this function, the child's stdout is discarded. */
  readonly onLine?: (line: string) => void;
  /** Called after each line. While its promise is pending, no more of the child's stdout is read. */
  readonly untilTaken?: () => Promise<void> | null;
  readonly bounds?: ChildBounds;
}

/**
 * Returns whether this machine can limit the memory of a child and the size of its files. The time of a child
 * can always be limited.
 */
export function canBoundChildren(): boolean {
  return isInstalled(PRLIMIT);
}

/**
 * Runs a program until it ends: at low priority, without a shell, and without the environment of the service.
 * The program has a process group of its own, and a kill always ends the whole group. The promise resolves
 * only when the process is gone. The output files then no longer change. Rejects if the program cannot be
 * started, which only the operator can repair.
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
  lowerPriority(child);
  const stderr = keepTail(child);
  readLines(child, options);

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
    if (wasNotExecuted) throw startError(command, end.stderr.trim());
    return end;
  } finally {
    clearTimeout(timer);
    options.signal.removeEventListener('abort', kill);
  }
}

/** Codes of the errors for which a program can be started later, by the text that the system writes for each. */
const START_ERRORS: Record<string, string> = {
  'Resource temporarily unavailable': 'EAGAIN',
  'Cannot allocate memory': 'ENOMEM',
  'Too many open files': 'EMFILE',
  'Too many open files in system': 'ENFILE',
};

/** Returns the error for a program that a wrapper could not start. `code` is as if this process had tried. */
function startError(command: string, message: string): Error {
  const code = START_ERRORS[/: ([^:]+)$/.exec(message)?.[1] ?? ''];
  const error = new Error(`${command} could not be started: ${message}`);
  return code === undefined ? error : Object.assign(error, { code });
}

/**
 * Returns all environment variables of a child. `LC_ALL=C` makes the child write its messages in English,
 * because the service parses them. `GCONV_PATH` names a place with nothing, so that the C library loads no
 * modules that convert texts. Static builds of ffmpeg crash on them, because these modules belong to the C library of
 * the machine and not to that of the build. Nothing that the service reads needs them.
 */
export function childEnvironment(ours: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const inherited = INHERITED_VARIABLES.flatMap((name) =>
    ours[name] === undefined ? [] : [[name, ours[name]]],
  );
  return { ...Object.fromEntries(inherited), LC_ALL: 'C', GCONV_PATH: '/nonexistent' };
}

function isInstalled(program: string): boolean {
  return process.platform === 'linux' && existsSync(program);
}

/**
 * Returns the beginning of a child's command line: the installed wrapper programs (setpriv, prlimit) with
 * their arguments. Core dumps are disabled, because a core dump would contain uploaded data.
 */
export function wrapperArgs(bounds: ChildBounds | undefined): string[] {
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

/**
 * Kills the whole process group of a child, because the program might be a script that runs another program.
 */
function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // The error is ignored, because the process has already ended.
  }
}

function readLines({ stdout }: ChildProcess, { onLine, untilTaken }: ChildOptions): void {
  if (!onLine || !stdout) return;
  const lines = createInterface({ input: stdout });
  lines.on('line', (line) => {
    onLine(line);
    const taken = untilTaken?.();
    if (!taken) return;
    // Pauses the stream and not `lines`, which throws if it is resumed after the program has ended.
    stdout.pause();
    void taken.then(() => stdout.resume());
  });
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
