import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { eventually } from '../../../platform/testing/eventually.ts';
import { ALL_DELIVERIES, KEYS, newWebhook, publications, T0, USER } from '../../testing/records.ts';
import { openSqliteStorage } from '../sqlite-storage.ts';
import { openRemoteSqliteStorage } from '../thread/client.ts';

async function newFile(t: TestContext): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'mediahooks-failed-commits-'));
  t.after(() => rm(dir, { recursive: true }));
  return join(dir, 'test.sqlite');
}

/** Makes each commit of SQLite fail, as on a full disk. Returns a function that ends this. */
function failCommits(t: TestContext, onFailure: () => void): () => void {
  const exec = DatabaseSync.prototype.exec;
  const { mock } = t.mock.method(DatabaseSync.prototype, 'exec', function (this: DatabaseSync, sql: string) {
    if (sql !== 'commit') return exec.call(this, sql);
    onFailure();
    throw Object.assign(new Error('database or disk is full'), { errcode: 13 });
  });
  return () => mock.restore();
}

test('while SQLite can not commit, lists are refused instead of lacking deliveries, and are whole afterwards', async (t) => {
  const storage = await openSqliteStorage({ file: await newFile(t), keys: KEYS });
  t.after(() => storage.close());
  await storage.queue.releaseStaleClaims(null);
  await storage.webhooks.create(newWebhook(), null, null);
  const list = async () => (await storage.deliveries.list(USER, null, ALL_DELIVERIES)).items.length;
  let failures = 0;
  const later = T0 + 3_600_000;
  const end = failCommits(t, () => {
    failures += 1;
  });
  await storage.events.commit(publications(3), later, later);
  await eventually('SQLite has failed to commit', async () => failures > 0);
  await assert.rejects(list(), { code: 'storage_full' });
  await assert.rejects(storage.events.commit(publications(1), later), { code: 'storage_full' });
  end();
  await eventually('lists are answered', () => list().then(Boolean, () => false));
  assert.equal(await list(), 3);
  assert.equal((await storage.queue.savedClock())?.at, later, 'the clock was saved with the events');
});

test('while another program locks the database, lists are refused if they would lack deliveries', async (t) => {
  const file = await newFile(t);
  const storage = await openRemoteSqliteStorage({ file, keys: KEYS, busyTimeoutMs: 100 });
  t.after(() => storage.close());
  await storage.queue.releaseStaleClaims(null);
  const webhook = newWebhook();
  await storage.webhooks.create(webhook, null, null);
  const list = async () => (await storage.deliveries.list(USER, null, ALL_DELIVERIES)).items.length;
  const other = new DatabaseSync(file, { timeout: 5_000 });
  t.after(() => other.close());
  assert.equal(await list(), 0);
  other.exec('begin immediate');
  assert.equal(await list(), 0, 'nothing is missing');
  other.exec('rollback');
  await storage.events.commit(publications(3), T0);
  other.exec('begin immediate');
  await assert.rejects(list(), { code: 'unavailable' });
  assert.ok(await storage.webhooks.find(USER, webhook.id));
  other.exec('rollback');
  assert.equal(await list(), 3);
});
