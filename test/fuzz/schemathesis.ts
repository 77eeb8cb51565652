import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startFuzzedService } from './fuzzed-service.ts';
import { fuzzSeed } from './seed.ts';

/**
 * A second opinion: schemathesis, by people who know nothing of us, sends what it makes of the description. Ends with
 * its exit code; where the machine has no python3 with venv, or can't have the package, it says so and ends well.
 */

const VERSION = '4.32.5';
/** Outside the repository, and kept for the next time. */
const PLACE = join(tmpdir(), `mediahooks-schemathesis-${VERSION}`);

const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
];

/** For each operation and phase; more than enough for 5,000 requests together, in a minute and a half. */
const EXAMPLES = process.env.FUZZ_EXAMPLES ?? '60';

/** It would remove the very key that it asks with. */
const LEFT_OUT = 'DELETE /api/api_keys/{id}';

/** Says what failed, or null. */
function install(): string | null {
  const done = join(PLACE, 'done');
  if (existsSync(done)) return null;
  rmSync(PLACE, { recursive: true, force: true });
  const steps = [
    ['python3', '-m', 'venv', PLACE],
    [join(PLACE, 'bin/pip'), 'install', '-q', '--disable-pip-version-check', `schemathesis==${VERSION}`],
  ];
  for (const [command = '', ...args] of steps) {
    const { error, status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
    if (error || status !== 0) return `${command} ${args.join(' ')}: ${error?.message ?? stderr.trim()}`;
  }
  mkdirSync(done);
  return null;
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
    // What it keeps between runs goes with the rest of it.
    const child = spawn(join(PLACE, 'bin/st'), args, { cwd: PLACE, stdio: 'inherit' });
    const [exitCode] = await once(child, 'exit');
    return exitCode ?? 1;
  } finally {
    await service.stop();
  }
}

const missing = install();
if (missing !== null) process.stdout.write(`fuzz: without schemathesis: ${missing}\n`);
else process.exitCode = await run();
