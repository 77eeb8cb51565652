import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { downloadPath, Missing, makeCache, PIP_INSTALL, runOrMiss } from '../support/docs/downloads.ts';
import { startFuzzedService } from './fuzzed-service.ts';
import { fuzzSeed } from './seed.ts';

/**
 * A second opinion: schemathesis, which knows nothing about this service, sends requests that it derives from the
 * description. Exits with schemathesis's exit code. If the machine has no python3 with venv, or can't reach the
 * registry, it says so and exits with 0.
 */

const VERSION = '4.32.5';
/** Maximum time of the installation, which includes dozens of packages, in milliseconds. */
const INSTALL_MS = 600_000;
const PLACE = downloadPath(`schemathesis-${VERSION}`);

const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
];

/** Examples for each operation and phase: more than 5,000 requests together, in a minute and a half. */
const EXAMPLES = process.env.FUZZ_EXAMPLES ?? '60';

/** The operation is left out, because it would remove the key that schemathesis uses. */
const LEFT_OUT = 'DELETE /api/api_keys/{id}';

/**
 * Installs in its final place, because the scripts of a venv contain the path. The installation is not complete until
 * a file says so. @throws Missing, or another error
 */
function install(): void {
  makeCache();
  const done = join(PLACE, 'done');
  if (existsSync(done)) return;
  rmSync(PLACE, { recursive: true, force: true });
  const steps = [
    ['python3', '-m', 'venv', PLACE],
    [join(PLACE, 'bin/pip'), ...PIP_INSTALL, `schemathesis==${VERSION}`],
  ];
  for (const step of steps) runOrMiss(step, tmpdir(), INSTALL_MS);
  mkdirSync(done);
}

async function run(): Promise<number> {
  const service = await startFuzzedService();
  try {
    const { publicKey, secretKey } = service.operator.credentials;
    const args = [
      ...['run', `${service.url}/api/openapi.json`, '--auth', `${publicKey}:${secretKey}`],
      ...['--checks', CHECKS.join(','), '--exclude-name', LEFT_OUT, '--continue-on-failure'],
      ...[
        '--max-examples',
        EXAMPLES,
        '--seed',
        String(fuzzSeed()),
        '--generation-database',
        'none',
        '--no-color',
      ],
    ];
    // The cache that it keeps between runs is removed with the folder.
    const child = spawn(join(PLACE, 'bin/st'), args, { cwd: PLACE, stdio: 'inherit' });
    const [exitCode] = await once(child, 'exit');
    return exitCode ?? 1;
  } finally {
    await service.stop();
  }
}

try {
  install();
  process.exitCode = await run();
} catch (error) {
  if (!(error instanceof Missing)) throw error;
  process.stdout.write(`fuzz: without schemathesis: ${error.message}\n`);
}
