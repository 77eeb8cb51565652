import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import type { MigrationProvider } from 'kysely/migration';
import { KeyRing } from '../encryption/key-ring.ts';
import { SealedCredentials } from '../encryption/webhook-credentials.ts';
import { migrations } from '../migrations/migrations.ts';
import { ALL_DELIVERIES, KEYS, newWebhook, publication, T0, USER } from '../testing/records.ts';
import { kyselyOn } from './schema/kysely-connection.ts';
import { migrate } from './schema/migrate.ts';
import { openSqliteStorage } from './sqlite-storage.ts';

/** The migrations of the version that had no revisions of webhooks. */
const before: MigrationProvider = {
  getMigrations: async () =>
    Object.fromEntries(Object.entries(await migrations.getMigrations()).filter(([name]) => name < '0010')),
};

test('webhooks of an older version get their revisions when the new version starts', async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'mediahooks-revisions-'));
  t.after(() => rm(dir, { recursive: true }));
  const file = join(dir, 'test.sqlite');
  const database = new DatabaseSync(file);
  await migrate(
    database,
    kyselyOn(database, (sql) => database.prepare(sql)),
    before,
  );
  const insert = database.prepare(`
    insert into webhooks (id, user_id, name, url, credentials, file_received, encoding_started, partial_finished,
      encoding_finished, encoding_failed, created_at, updated_at, retry_schedule)
    values (?, ?, ?, ?, ?, 1, 0, 0, 0, 0, 0, 0, 'default')`);
  const webhook = newWebhook({ headers: { 'X-A': 's3cret' } });
  const { id, userId, name, url } = webhook;
  const sealed = new SealedCredentials(new KeyRing(KEYS)).seal(id, webhook);
  insert.run(id, userId, name, url, sealed);
  insert.run('damaged', userId, name, url, 'x');
  database.close();

  const storage = await openSqliteStorage({ file, keys: KEYS });
  const { ready } = await storage.events.commit([publication('file.received')], T0);
  const revisions = ready.map((delivery) => delivery.webhook.revision);
  assert.deepEqual(new Set(revisions).size, 2);
  assert.ok(!revisions.includes(undefined));
  await storage.close();

  const reader = new DatabaseSync(file, { readOnly: true });
  const stored = reader.prepare('select url, sent from webhook_revisions order by seq').all();
  reader.close();
  const sent = JSON.stringify({ headers: ['X-A'], signatures: ['v1'], previous: null });
  assert.deepEqual(
    stored.map((row) => ({ ...row })),
    [
      { url, sent },
      { url, sent: '' },
    ],
  );
});

test('reads at once share a flush, and see what was accepted before them', async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'mediahooks-reads-'));
  const storage = await openSqliteStorage({ file: join(dir, 'test.sqlite'), keys: KEYS });
  t.after(async () => {
    await storage.close();
    await rm(dir, { recursive: true });
  });
  await storage.webhooks.create(newWebhook(), null, null);
  const reads: Promise<number>[] = [];
  for (let n = 1; n <= 20; n += 1) {
    await storage.events.commit([publication('file.received')], T0);
    for (let read = 0; read < 50; read += 1) {
      reads.push(storage.deliveries.list(USER, null, ALL_DELIVERIES).then(({ items }) => items.length - n));
    }
  }
  const missing = (await Promise.all(reads)).filter((more) => more < 0);
  assert.deepEqual(missing, []);
  const running = storage.flush();
  const waiting = [storage.flush(), storage.flush()];
  assert.notEqual(waiting[0], running, 'a flush that has begun may have passed the latest change');
  assert.equal(waiting[0], waiting[1]);
  await Promise.all([running, ...waiting]);
});
