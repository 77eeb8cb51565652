import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { ServiceError } from '../../../domain/errors.ts';
import { KEYS } from '../../testing/records.ts';
import { Database } from '../database.ts';
import { asStorageError } from './storage-error.ts';

const BUSY_TIMEOUT_MS = 400;

async function setUp(t: TestContext) {
  const dir = await mkdtemp(join(tmpdir(), 'mediahooks-locked-'));
  const file = join(dir, 'test.sqlite');
  const database = await Database.open({ file, keys: KEYS, busyTimeoutMs: BUSY_TIMEOUT_MS });
  const other = new DatabaseSync(file);
  t.after(async () => {
    other.close();
    await database.close();
    await rm(dir, { recursive: true });
  });
  const write = () =>
    database.transaction(() => void database.prepare('update media set title = title').run());
  return { file, database, other, write };
}

const code = (outcome: PromiseSettledResult<unknown>) =>
  outcome.status === 'fulfilled' ? 'done' : (outcome.reason as ServiceError).code;

test('a lock of another process is waited for once; then every transaction is refused soon, and none after its end', async (t) => {
  const { database, other, write } = await setUp(t);
  other.exec('begin immediate');
  const startedAt = performance.now();
  // Reads between the writes keep the writes from sharing a transaction.
  const outcomes = await Promise.allSettled(
    Array.from({ length: 20 }, async () => {
      await database.read(() => database.prepare('select 1').get());
      await write();
    }),
  );
  for (let nth = 0; nth < 5; nth += 1) outcomes.push(...(await Promise.allSettled([write()])));
  const tookMs = performance.now() - startedAt;
  assert.deepEqual(new Set(outcomes.map(code)), new Set(['unavailable']));
  assert.ok(tookMs >= BUSY_TIMEOUT_MS && tookMs < 5 * BUSY_TIMEOUT_MS, `${tookMs} ms`);
  const [refused] = outcomes;
  assert.match(String((refused as PromiseRejectedResult).reason.cause), /database is locked/);

  other.exec('rollback');
  await write();
  const timeout = await database.read(() => database.prepare('pragma busy_timeout').get());
  assert.deepEqual({ ...timeout }, { timeout: BUSY_TIMEOUT_MS }, 'the next lock is waited for again');
});

test('a database that stays locked can not be opened, and the error has a code by which the caller can wait', async (t) => {
  const { file, other } = await setUp(t);
  other.exec('begin immediate');
  await assert.rejects(Database.open({ file, keys: KEYS, busyTimeoutMs: 50 }), {
    code: 'ERR_DATABASE_LOCKED',
    message: 'is locked by another program',
  });
  other.exec('rollback');
  await (await Database.open({ file, keys: KEYS })).close();
});

test('errors of SQLite that can pass are reported as `unavailable`, and others as they are', () => {
  const thrownFor = (errcode: number) => {
    try {
      asStorageError(Object.assign(new Error('sqlite'), { errcode }));
    } catch (error) {
      return error instanceof ServiceError ? error.code : 'as it is';
    }
  };
  const passing = {
    busy: 5,
    busySnapshot: 517,
    locked: 6,
    noMemory: 7,
    readOnly: 8,
    ioWrite: 778,
    cantOpen: 14,
  };
  for (const [name, errcode] of Object.entries(passing))
    assert.equal(thrownFor(errcode), 'unavailable', name);
  assert.equal(thrownFor(13), 'storage_full');
  for (const errcode of [1, 11, 19]) assert.equal(thrownFor(errcode), 'as it is', String(errcode));
});
