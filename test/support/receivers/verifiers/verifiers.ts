import { spawnSync } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { downloadPath, fetchInto, Missing, pipInstall, runOrMiss } from '../../docs/downloads.ts';

/**
 * A signed request, and the key with which it is verified: `whsec_…`, or `whpk_…` for a verifier that knows
 * Ed25519.
 */
export interface Signed {
  readonly key: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Verifier {
  readonly name: string;
  readonly knowsEd25519: boolean;
  /**
   * Prepares the verifier. Returns what this machine lacks for the verifier, or `null`. Throws any other
   * error.
   */
  prepare(): string | null;
  verify(requests: readonly Signed[]): boolean[];
}

const PYPI_VERSION = '1.1.0';
const PYTHON_PLACE = downloadPath(`verifier-python-${PYPI_VERSION}`);
const GO_MODULE = 'github.com/standard-webhooks/standard-webhooks/libraries';
const GO_VERSION = 'v0.0.1';
const GO_PLACE = downloadPath(`verifier-go-${GO_VERSION}`);

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
    missingFor(() => {
      fetchInto(PYTHON_PLACE, [
        (place) => pipInstall(join(place, 'packages'), [`standardwebhooks==${PYPI_VERSION}`]),
      ]);
      runOrMiss(['python3', '--version'], PYTHON_PLACE);
    }),
  verify: (requests) =>
    answersOf(['python3', join(import.meta.dirname, 'verify.py')], requests, {
      PYTHONPATH: join(PYTHON_PLACE, 'packages'),
    }),
};

const go: Verifier = {
  name: "Go's standard-webhooks, with Go's own Ed25519",
  knowsEd25519: true,
  prepare: () =>
    missingFor(() => {
      fetchInto(GO_PLACE, [
        () => ['go', 'mod', 'init', 'verify'],
        () => ['go', 'mod', 'edit', `-require=${GO_MODULE}@${GO_VERSION}`],
        () => ['go', 'mod', 'download', GO_MODULE],
      ]);
      // The program is compiled in each run. This takes only a moment, because Go caches compiled code.
      copyFileSync(join(import.meta.dirname, 'verify.go.txt'), join(GO_PLACE, 'main.go'));
      runOrMiss(['go', 'build', '-mod=mod', '-o', 'verify', '.'], GO_PLACE);
    }),
  verify: (requests) => answersOf([join(GO_PLACE, 'verify')], requests),
};

function missingFor(prepare: () => void): string | null {
  try {
    prepare();
    return null;
  } catch (error) {
    if (error instanceof Missing) return error.message;
    throw error;
  }
}

export const VERIFIERS: readonly Verifier[] = [npm, python, go];

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
