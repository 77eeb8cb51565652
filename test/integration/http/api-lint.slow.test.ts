import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fetchDescription } from '../../support/docs/api-description.ts';
import { startTestService } from '../../support/service/service.ts';

const REDOCLY = new URL('../../../node_modules/.bin/redocly', import.meta.url).pathname;

interface Problem {
  readonly ruleId: string;
  readonly severity: 'error' | 'warn';
  readonly message: string;
}

/**
 * The contract of the AIOZ Stream API has `/webhooks/check/{id}`, which is also the form of
 * `/webhooks/{id}/pause`. An id is a UUID, so that no id is `check`.
 */
const IS_OF_CONTRACT = /two ambiguous paths: `\/api\/webhooks\/check\/\{id\}`/;

/** Returns the problems that redocly's linter finds in a description, by its recommended rules. */
async function lint(description: object): Promise<Problem[]> {
  const dir = await mkdtemp(join(tmpdir(), 'mediahooks-lint-'));
  try {
    const file = join(dir, 'openapi.json');
    await writeFile(file, JSON.stringify(description));
    const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };
    const args = ['lint', file, '--extends', 'recommended', '--format', 'json', '--max-problems', '1000'];
    const { promise, resolve } = Promise.withResolvers<string>();
    // The linter exits with 1 if it finds errors.
    execFile(REDOCLY, args, { cwd: dir, env, maxBuffer: 64 * 1024 * 1024 }, (_error, stdout) =>
      resolve(stdout),
    );
    const { problems } = JSON.parse(await promise) as { problems: Problem[] };
    return problems;
  } finally {
    await rm(dir, { recursive: true });
  }
}

test("redocly's linter finds nothing in the description, except a path that the contract demands", async () => {
  const service = await startTestService();
  try {
    const description = await fetchDescription(service.service.url);
    const problems = await lint(description);
    const found = problems.filter(({ message }) => !IS_OF_CONTRACT.test(message));
    assert.deepEqual(found, []);
    assert.ok(problems.length > 0, 'the linter finds the ambiguous path');

    const { servers: _, ...without } = description;
    const planted = await lint(without);
    assert.ok(
      planted.some(({ ruleId }) => ruleId === 'no-empty-servers'),
      JSON.stringify(planted),
    );
  } finally {
    await service.stop();
  }
});
