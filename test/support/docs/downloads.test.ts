import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fetchInto, Missing, makeCache, missingIn, runOrMiss } from './downloads.ts';

async function folder(t: TestContext): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'mediahooks-downloads-'));
  t.after(() => rm(dir, { recursive: true }));
  return dir;
}

/** Messages that installed versions of pip, Go and npm have printed. */
const BROKEN =
  "WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError('refused')'";
const NO_VERSION =
  'ERROR: Could not find a version that satisfies the requirement x==9 (from versions: 1.0.0)';
const NO_HOST = 'go: x@v1: Get "https://proxy.golang.org/x": dial tcp: lookup proxy.golang.org: no such host';
const NO_REGISTRY =
  'npm error FetchError: request to https://x/y failed, reason: connect ECONNREFUSED 1.2.3.4:443';
const NO_TARGET = 'npm error notarget No matching version found for x@99.';
const NO_REVISION = 'go: x@v9: invalid version: unknown revision v9';

test('an unreachable registry means missing; a version that does not exist means wrong', () => {
  for (const stderr of [`${BROKEN}\n${NO_VERSION}`, NO_HOST, NO_REGISTRY])
    assert.notEqual(missingIn({ code: 1, stderr }), null, stderr);
  for (const stderr of [NO_VERSION, NO_REVISION, NO_TARGET])
    assert.equal(missingIn({ code: 1, stderr }), null, stderr);
  assert.notEqual(missingIn({ killed: true }), null);
  assert.equal(missingIn({ code: 'ENOENT', syscall: 'open' }), null, "a file of the test's own");
});

test('an absent program means missing; one that fails means wrong, and leaves nothing', async (t) => {
  const dir = await folder(t);
  assert.throws(() => runOrMiss(['no-such-program'], dir), Missing);
  const place = join(dir, 'place');
  const fails = () => fetchInto(place, [() => ['node', '-e', 'process.exit(1)']]);
  assert.throws(fails, (error) => error instanceof Error && !(error instanceof Missing));
  assert.deepEqual(await readdir(dir), []);
  fetchInto(place, [() => ['node', '-e', "fs.writeFileSync('made', '')"]]);
  assert.deepEqual(await readdir(place), ['made']);
  fetchInto(place, [() => ['no-such-program']]);
});

test('programs are run from a folder that no other user can write to', async (t) => {
  const dir = await folder(t);
  makeCache(join(dir, 'new'));
  makeCache(join(dir, 'new'));
  await mkdir(join(dir, 'open'));
  await chmod(join(dir, 'open'), 0o777);
  await symlink(join(dir, 'new'), join(dir, 'link'));
  for (const name of ['open', 'link'])
    assert.throws(() => makeCache(join(dir, name)), /expected .* to be a folder of this user's alone/);
});
