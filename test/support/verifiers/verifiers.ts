import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';

/** A request, and the key that is to verify it: `whsec_…`, or `whpk_…` where the verifier knows Ed25519. */
export interface Signed {
  readonly key: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Verifier {
  readonly name: string;
  readonly knowsEd25519: boolean;
  /** Makes it ready; says why it can't be had here, or null. What it downloads is kept for the next time. */
  prepare(): string | null;
  verify(requests: readonly Signed[]): boolean[];
}

/** Outside the repository; each verifier is made in full beside its place, and then put there. */
const CACHE = join(tmpdir(), 'mediahooks-verifiers');

const PYPI_VERSION = '1.1.0';
const PYTHON_PLACE = join(CACHE, `python-${PYPI_VERSION}`);
const GO_MODULE = 'github.com/standard-webhooks/standard-webhooks/libraries';
const GO_VERSION = 'v0.0.1';
const GO_PLACE = join(CACHE, `go-${GO_VERSION}`);

const npm: Verifier = {
  name: "npm's standardwebhooks",
  knowsEd25519: false,
  prepare: () => null,
  verify: (requests) => requests.map(verifiesInNode),
};

function verifiesInNode({ key, body, headers }: Signed): boolean {
  try {
    new Webhook(key).verify(body, headers);
    return true;
  } catch {
    return false;
  }
}

const python: Verifier = {
  name: "PyPI's standardwebhooks",
  knowsEd25519: false,
  prepare: () =>
    made(PYTHON_PLACE, [
      (place) => [
        ...['python3', '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'],
        ...['--target', join(place, 'packages'), `standardwebhooks==${PYPI_VERSION}`],
      ],
    ]),
  verify: (requests) =>
    answersOf(['python3', join(import.meta.dirname, 'verify.py')], requests, {
      PYTHONPATH: join(PYTHON_PLACE, 'packages'),
    }),
};

const go: Verifier = {
  name: "Go's standard-webhooks, with Go's own Ed25519",
  knowsEd25519: true,
  prepare: () =>
    made(GO_PLACE, [
      () => ['go', 'mod', 'init', 'verify'],
      () => ['go', 'mod', 'edit', `-require=${GO_MODULE}@${GO_VERSION}`],
      () => ['go', 'mod', 'download', GO_MODULE],
    ]) ?? built(),
  verify: (requests) => answersOf([join(GO_PLACE, 'verify')], requests),
};

/** Anew each time, which takes Go's own cache a moment; unlike a download it may not fail. */
function built(): string | null {
  copyFileSync(join(import.meta.dirname, 'verify.go.txt'), join(GO_PLACE, 'main.go'));
  const args = ['build', '-mod=mod', '-o', 'verify', '.'];
  const { error, status, stderr } = spawnSync('go', args, { cwd: GO_PLACE, encoding: 'utf8' });
  if (error) return error.message;
  if (status !== 0) throw new Error(`go build: ${stderr}`);
  return null;
}

export const VERIFIERS: readonly Verifier[] = [npm, python, go];

/** Carries out the steps in a new folder, which becomes `place`, unless it is there. Says which step failed. */
function made(place: string, steps: readonly ((draft: string) => string[])[]): string | null {
  if (existsSync(place)) return null;
  mkdirSync(CACHE, { recursive: true });
  const draft = mkdtempSync(`${place}.`);
  try {
    for (const step of steps) {
      const [command = '', ...args] = step(draft);
      const { error, status, stderr } = spawnSync(command, args, { cwd: draft, encoding: 'utf8' });
      if (error || status !== 0) return `${command} ${args.join(' ')}: ${error?.message ?? stderr.trim()}`;
    }
    renameSync(draft, place);
    return null;
  } catch (error) {
    // Another run was faster.
    if (existsSync(place)) return null;
    throw error;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

function answersOf(
  [command = '', ...args]: string[],
  requests: readonly Signed[],
  environment: Record<string, string> = {},
): boolean[] {
  const input = requests.map((request) => `${JSON.stringify(request)}\n`).join('');
  const env = { ...process.env, ...environment };
  const { stdout, stderr, status } = spawnSync(command, args, { input, env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ended with ${status}: ${stderr}`);
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}
