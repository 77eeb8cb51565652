import { spawnSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

/**
 * Functions that download packages for tests. The downloads are kept outside of the repository for the next
 * run.
 */

const CACHE = join(tmpdir(), `mediahooks-tests-${userInfo().uid}`);
const OWNERS_ALONE = 0o700;

/** Maximum milliseconds for a download. If the registry needs longer, the test is skipped. */
export const FETCH_MS = 120_000;

/**
 * Messages of pip, Go and npm when they get no answer from a registry. An answer that says that a package does not
 * exist is not among them.
 */
const UNREACHED =
  /connection broken by|timed out|timeout|deadline exceeded|no such host|connection re(fused|set)|network is unreachable|no route to host|proxyconnect|50[0234] (internal server error|bad gateway|service unavailable|gateway time)|\bE(AI_AGAIN|NOTFOUND|CONNREFUSED|CONNRESET|TIMEDOUT)\b/i;
/** Messages about missing parts of Python that some systems install separately. */
const PYTHON_PART = /No module named (pip|venv|ensurepip)\b|ensurepip is not available/;

/**
 * Error for a program or a network connection that this machine lacks. No change of the project could add it.
 */
export class Missing extends Error {}

/** Failure of a program, as `execFile` and `spawnSync` report it. */
export interface CommandFailure {
  readonly code?: unknown;
  readonly syscall?: string;
  /** Whether the program was killed at its time limit. */
  readonly killed?: boolean;
  readonly message?: string;
  readonly stderr?: string;
}

/**
 * Describes what the machine lacks: a program, or a connection to the registry. `null`: the machine lacks
 * nothing, so the command itself is wrong, for example because it names a version that does not exist.
 */
export function missingIn(failure: CommandFailure): string | null {
  const { code, syscall = '', killed, message = '', stderr = '' } = failure;
  const isAbsent = code === 'ENOENT' && syscall.startsWith('spawn');
  const isLate = killed === true || code === 'ETIMEDOUT';
  const isMissing = failure instanceof Missing || isAbsent || isLate;
  if (!isMissing && !UNREACHED.test(stderr) && !PYTHON_PART.test(stderr)) return null;
  return `${message} ${stderr}`.trim();
}

/**
 * Arguments of pip. They include one retry, because pip reports an unreachable registry only when it retries.
 * They include `--quiet` only once, because with two of them pip does not report this.
 */
export const PIP_INSTALL = ['install', '--quiet', '--disable-pip-version-check', '--retries', '1'];

/** Returns pip's command that installs `packages` into a folder. */
export function pipInstall(folder: string, packages: readonly string[]): string[] {
  return ['python3', '-m', 'pip', ...PIP_INSTALL, '--target', folder, ...packages];
}

/**
 * Runs a command and waits for its end. @throws Missing if the machine lacks something, otherwise an Error
 */
export function runOrMiss([command = '', ...args]: readonly string[], cwd: string, timeout = FETCH_MS): void {
  const { error, status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8', timeout });
  if (!error && status === 0) return;
  const message = `${command} ${args.join(' ')}: ${error?.message ?? `it ended with ${status}`}`;
  const { code, syscall = '' } = (error ?? {}) as NodeJS.ErrnoException;
  // venv reports missing parts on standard output.
  const printed = `${stdout ?? ''}${stderr ?? ''}`;
  const lack = missingIn({ code, syscall, message, stderr: printed });
  throw lack === null ? new Error(`${message}\n${printed}`) : new Missing(lack);
}

/** Returns the path of the download `name`, which contains its version. */
export function downloadPath(name: string): string {
  return join(CACHE, name);
}

/**
 * Creates the folder of all downloads.
 * @throws Error if the folder belongs to another user, because that user could put programs there that the
 * tests run
 */
export function makeCache(dir = CACHE): void {
  mkdirSync(dir, { recursive: true, mode: OWNERS_ALONE });
  const found = lstatSync(dir);
  const isOurs = found.isDirectory() && found.uid === userInfo().uid;
  if (!isOurs || (found.mode & 0o777) !== OWNERS_ALONE)
    throw new Error(`expected ${dir} to be a folder of this user's alone (0700); remove it`);
}

/**
 * Runs the commands of `steps` in a new folder, and then renames that folder to `place`. Does nothing if
 * `place` exists.
 * @throws Missing if the machine lacks something, otherwise an Error
 */
export function fetchInto(place: string, steps: readonly ((draft: string) => readonly string[])[]): void {
  makeCache();
  if (existsSync(place)) return;
  const draft = mkdtempSync(`${place}.`);
  try {
    for (const step of steps) runOrMiss(step(draft), draft);
    renameSync(draft, place);
  } catch (error) {
    // The error is ignored if another run has created `place` in the meantime.
    if (!existsSync(place)) throw error;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}
