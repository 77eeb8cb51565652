import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ServiceError } from '../domain/errors.ts';
import { Readiness } from './readiness.ts';

const ROOMY = 1_000_000_000;

/** Creates a readiness whose clock and disk the test controls, in the state running by default. */
function setUp({ started = true } = {}) {
  const world = { now: 1_000_000, free: ROOMY, checks: 0, trouble: null as string | null };
  const freeBytes = async () => {
    world.checks += 1;
    return world.free;
  };
  const ownTrouble = () => world.trouble;
  const readiness = new Readiness({ monotonicNow: () => world.now, freeBytes, ownTrouble });
  if (started) readiness.started();
  const code = async () => (await readiness.refusal())?.code ?? null;
  return { world, readiness, code };
}

test('the service is ready between its start and its stop', async () => {
  const { readiness, code } = setUp({ started: false });
  assert.equal((await readiness.refusal())?.message, 'the service is starting');
  readiness.started();
  assert.equal(await code(), null);
  readiness.stopping();
  assert.equal((await readiness.refusal())?.message, 'the service is stopping');
  assert.equal(await code(), 'unavailable');
});

test('the service is not ready while it can not send requests for a cause on its own side', async () => {
  const { world, readiness, code } = setUp();
  world.trouble = 'this process has no file descriptor left';
  assert.equal(await code(), 'unavailable');
  assert.match((await readiness.refusal())?.message ?? '', /no file descriptor/);
  world.trouble = null;
  assert.equal(await code(), null);
});

test('a failed commit counts until a commit succeeds', async () => {
  const { readiness, code } = setUp();
  readiness.recordCommit({ error: new Error('disk I/O error') });
  assert.equal(await code(), 'unavailable');
  readiness.recordCommit({ error: new ServiceError('storage_full', 'full') });
  assert.equal(await code(), 'storage_full');
  readiness.recordCommit(null);
  assert.equal(await code(), null);
});

test('without further commits a failure counts for ten seconds', async () => {
  const { world, readiness, code } = setUp();
  readiness.recordCommit({ error: new Error('disk I/O error') });
  world.now += 9_999;
  assert.equal(await code(), 'unavailable');
  world.now += 1;
  assert.equal(await code(), null);
});

test('a full disk is noticed without commits, with at most one check per second', async () => {
  const { world, code } = setUp();
  assert.equal(await code(), null);
  world.free = 4096;
  for (let n = 0; n < 10; n += 1) await code();
  assert.equal(world.checks, 1);
  world.now += 1_000;
  assert.equal(await code(), 'storage_full');
  world.free = ROOMY;
  world.now += 1_000;
  assert.equal(await code(), null);
});
