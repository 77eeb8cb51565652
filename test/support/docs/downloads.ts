import { spawnSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

/** What tests have package managers fetch: kept outside the repository for the next run, and run from there. */

const CACHE = join(tmpdir(), `mediahooks-tests-${userInfo().uid}`);
const OWNERS_ALONE = 0o700;

/** The most that a registry may take before a test does without it, in milliseconds. */
export const FETCH_MS = 120_000;

/** pip's words, and Go's, where no answer comes from a registry. One that answers that it has no such thing is reached. */
const UNREACHED =
  /connection broken by|timed out|timeout|deadline exceeded|no such host|connection re(fused|set)|network is unreachable|no route to host|proxyconnect|50[0234] (internal server error|bad gateway|service unavailable|gateway time)/i;
/** Parts of Python that some systems ship apart. */
const PYTHON_PART = /No module named (pip|venv|ensurepip)\b|ensurepip is not available/;

/** What this machine lacks, and no change to the project would mend. */
export class Missing extends Error {}

/** How a program ended that could not do its work, as `execFile` and `spawnSync` tell it. */
export interface CommandFailure {
  readonly code?: unknown;
  readonly syscall?: string;
  /** By its time limit. */
  readonly killed?: boolean;
  readonly message?: string;
  readonly stderr?: string;
}

/**
 * What the machine lacks: a program, or a way to the registry. Null where it lacks nothing, and so what was asked for is
 * wrong: a version that there is not, say.
 */
export function lackIn(failure: CommandFailure): string | null {
  const { code, syscall = '', killed, message = '', stderr = '' } = failure;
  const isAbsent = code === 'ENOENT' && syscall.startsWith('spawn');
  const isLate = killed === true || code === 'ETIMEDOUT';
  const isMissing = failure instanceof Missing || isAbsent || isLate;
  if (!isMissing && !UNREACHED.test(stderr) && !PYTHON_PART.test(stderr)) return null;
  return `${message} ${stderr}`.trim();
}

/** It tells of a registry that it does not reach only when it tries again, and loudly enough. */
export const PIP_INSTALL = ['install', '--quiet', '--disable-pip-version-check', '--retries', '1'];

/** pip's command that installs `packages` within a folder. */
export function pipInstall(folder: string, packages: readonly string[]): string[] {
  return ['python3', '-m', 'pip', ...PIP_INSTALL, '--target', folder, ...packages];
}

/** Runs a command to its end. @throws Missing for what the machine lacks, or another error */
export function runOrMiss([command = '', ...args]: readonly string[], cwd: string, timeout = FETCH_MS): void {
  const { error, status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8', timeout });
  if (!error && status === 0) return;
  const message = `${command} ${args.join(' ')}: ${error?.message ?? `it ended with ${status}`}`;
  const { code, syscall = '' } = (error ?? {}) as NodeJS.ErrnoException;
  // venv tells standard output what it lacks.
  const printed = `${stdout ?? ''}${stderr ?? ''}`;
  const lack = lackIn({ code, syscall, message, stderr: printed });
  throw lack === null ? new Error(`${message}\n${printed}`) : new Missing(lack);
}

/** The place of what is kept under `name`, which names its version. */
export function keptPlace(name: string): string {
  return join(CACHE, name);
}

/** Makes the folder of all places. @throws Error where it is another's, who could put there what is then run */
export function makeCache(dir = CACHE): void {
  mkdirSync(dir, { recursive: true, mode: OWNERS_ALONE });
  const found = lstatSync(dir);
  const isOurs = found.isDirectory() && found.uid === userInfo().uid;
  if (!isOurs || (found.mode & 0o777) !== OWNERS_ALONE)
    throw new Error(`expected ${dir} to be a folder of this user's alone (0700); remove it`);
}

/**
 * Carries out the steps in a new folder, which becomes `place`, unless it is there.
 * @throws Missing for what the machine lacks, or another error
 */
export function fetchInto(place: string, steps: readonly ((draft: string) => readonly string[])[]): void {
  makeCache();
  if (existsSync(place)) return;
  const draft = mkdtempSync(`${place}.`);
  try {
    for (const step of steps) runOrMiss(step(draft), draft);
    renameSync(draft, place);
  } catch (error) {
    // Another run was faster.
    if (!existsSync(place)) throw error;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}
