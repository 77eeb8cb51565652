import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { COMMAND_LINE } from '../../../domain/audit.ts';
import type { ReadyDelivery, Settlement } from '../../../domain/delivery.ts';
import type { Storage } from '../../contracts/storage.ts';
import { KEYS, newMedia, newWebhook, publication, STRANGER, T0, USER } from '../../testing/records.ts';
import { openSqliteStorage } from '../sqlite-storage.ts';

const by = { ...COMMAND_LINE, accountId: USER };
const change = { at: T0, by };

function settlement(delivery: ReadyDelivery, state: 'pending' | 'succeeded', at: number): Settlement {
  const { seq, webhook, attempts } = delivery;
  const attempt = { number: attempts + 1, at, durationMs: 1, revision: null };
  const answer = { status: 500, response: 'no', error: 'the receiver answered 500' };
  const verdict = state === 'pending' ? { state, nextAttemptAt: at + 1, isCounted: true } : { state };
  return {
    ...{ seq, webhookId: webhook.id, attempt: { ...attempt, ...answer } },
    ...({ verdict, receiver: 'fails' } as const),
  } as Settlement;
}

/** Makes rows of every kind for two accounts. */
async function makeRows(storage: Storage): Promise<void> {
  for (const userId of [USER, STRANGER]) {
    // A step of one event reads five deliveries, which is not all of an event's.
    for (let n = 0; n < 7; n += 1) {
      const webhook = newWebhook({ userId });
      await storage.webhooks.create(webhook, null, by);
      for (const path of ['b', 'c'])
        await storage.webhooks.update(userId, webhook.id, { url: `https://a.example/${path}` }, change);
    }
    for (let n = 0; n < 5; n += 1) {
      const media = newMedia({ userId, tags: ['ü'.repeat(n)], status: n === 4 ? 'done' : 'new' });
      await storage.media.create(media, null, by);
      const step = { kind: 'received', mediaId: media.id, size: 1, by } as const;
      const fields = { userId, mediaId: media.id };
      const { ready } = await storage.events.commit([publication('file.received', fields, step)], T0);
      const settled = ready.map((delivery) => settlement(delivery, 'pending', T0));
      await storage.queue.settle(settled, T0, null);
      const again = ready.map((delivery) => settlement({ ...delivery, attempts: 1 }, 'succeeded', T0 + 1));
      await storage.queue.settle(again, T0 + 1, null);
      const operator = publication('file.received', { userId, mediaId: `${n}`, idempotencyKey: `${n}` });
      await storage.events.commit([operator], T0);
      if (n === 3) await storage.media.delete(userId, media.id, change);
    }
    await storage.audit.add(
      { at: T0, accountId: userId, action: 'account.sign_in_refused', targetId: userId },
      by,
    );
  }
  await storage.audit.add({ at: T0, accountId: null, action: 'encryption_key.rotated', targetId: 'x' }, by);
}

/** Tables whose rows count in the usage of accounts. */
const COUNTED = ['media', 'events', 'attempts', 'audit_records', 'webhook_revisions'];

/** Makes the rows look as if an older version had written them, and marks them as the migration 0015 does. */
function becomeOld(file: string): void {
  const database = new DatabaseSync(file);
  for (const table of COUNTED) {
    const some = `select count(*) as rows from ${table} where charged_bytes > 0`;
    assert.ok(Number(database.prepare(some).get()?.rows) > 3, table);
    database.exec(`update ${table} set charged_bytes = 0`);
    const key = { media: 'id', audit_records: 'id', attempts: 'delivery_seq' }[table] ?? 'seq';
    database.exec(`insert into uncounted_rows (kind, until) select '${table}', max(${key}) from ${table}`);
  }
  database.exec('delete from record_usage');
  database.close();
}

/** Returns for each account the bytes that its usage has, and the sum of the bytes that its rows state. */
function usageIn(file: string) {
  const database = new DatabaseSync(file, { readOnly: true });
  const rows = database
    .prepare(
      `select user_id as userId, bytes, (
        select sum(charged) from (
          select user_id as u, charged_bytes as charged from media
          union all select user_id, charged_bytes from events
          union all select user_id, charged_bytes from audit_records
          union all select e.user_id, a.charged_bytes from attempts a join deliveries d on d.seq = a.delivery_seq
            join events e on e.seq = d.event_seq
          union all select w.user_id, r.charged_bytes from webhook_revisions r
            join webhooks w on w.seq = r.webhook_seq) where u = user_id) as stated
      from record_usage order by user_id`,
    )
    .all() as unknown as { userId: string; bytes: number; stated: number }[];
  database.close();
  return rows;
}

async function oldDatabase(t: TestContext) {
  const dir = await mkdtemp(join(tmpdir(), 'mediahooks-uncounted-'));
  t.after(() => rm(dir, { recursive: true }));
  const file = join(dir, 'test.sqlite');
  const open = () => openSqliteStorage({ file, keys: KEYS });
  const storage = await open();
  await makeRows(storage);
  await storage.close();
  const counted = usageIn(file);
  becomeOld(file);
  return { file, open, counted };
}

test('old rows are counted as new ones are, however small the steps, and over restarts', async (t) => {
  const { file, open, counted } = await oldDatabase(t);
  assert.equal(counted.length, 2);
  for (const { bytes, stated } of counted)
    assert.ok(bytes === stated && bytes > 20_000, `${bytes} ${stated}`);
  let isDone = false;
  for (let steps = 0; !isDone; steps += 1) {
    assert.ok(steps < 200, 'the count ends');
    const storage = await open();
    isDone = await storage.usage.countOldRows(1 + (steps % 3));
    await storage.close();
  }
  assert.deepEqual(usageIn(file), counted);
  const storage = await open();
  assert.equal(await storage.usage.countOldRows(100), true, 'nothing is counted twice');
  await storage.close();
  assert.deepEqual(usageIn(file), counted);
});

test('old rows that change or are removed meanwhile count what they state', async (t) => {
  const { file, open } = await oldDatabase(t);
  const storage = await open();
  const { items } = await storage.media.list(USER, {
    ...{ offset: 0, limit: 10, orderBy: 'asc', sortBy: 'createdAt', search: null },
    ...{ statuses: [], tags: [], metadata: [], type: null },
  });
  const changes = [
    () => storage.media.update(USER, items[0]?.id ?? '', { description: 'longer than before' }, change),
    () => storage.media.delete(USER, items[1]?.id ?? '', change),
    () => storage.retention.removeEvents({ before: T0 + 10, now: T0 + 20, after: null, limit: 7 }),
    () => storage.retention.removeAuditRecords({ before: T0 + 1, limit: 3 }),
    async () => {
      const step = { kind: 'received', mediaId: items[2]?.id ?? '', size: 1, by } as const;
      await storage.events.commit([publication('file.received', {}, step)], T0);
    },
    () => storage.media.create(newMedia(), null, by),
  ];
  let isDone = false;
  for (let steps = 0; !isDone; steps += 1) {
    await changes[steps % 9]?.();
    isDone = await storage.usage.countOldRows(2);
  }
  await storage.close();
  for (const { bytes, stated } of usageIn(file)) assert.equal(bytes, stated);
});
