import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import type { Cursor } from '../contracts/page.ts';
import type { Claimed, ClaimRequest } from '../contracts/queue.ts';
import { KEYS, newMedia, newWebhook, publication, publications, T0, USER } from '../testing/records.ts';
import { openSqliteStorage } from './sqlite-storage.ts';

async function setUp(t: TestContext) {
  const dir = await mkdtemp(join(tmpdir(), 'mediahooks-bounded-'));
  const file = join(dir, 'test.db');
  const storage = await openSqliteStorage({ file, keys: KEYS });
  const other = new DatabaseSync(file);
  t.after(async () => {
    await storage.close();
    other.close();
    await rm(dir, { recursive: true });
  });
  return { storage, other };
}

/** Makes `count` rows of the only row of a table. `values` are SQL expressions for some of the columns. */
function multiply(db: DatabaseSync, table: string, count: number, values: Record<string, string>): void {
  const names = db.prepare('select name from pragma_table_info(?)').all(table) as { name: string }[];
  const columns = names.map(({ name }) => values[name] ?? name).join(', ');
  db.exec(`
    insert into ${table} with recursive n(n) as (select 1 union all select n + 1 from n where n < ${count - 1})
      select ${columns} from ${table}, n`);
}

test('commits go on while the next due delivery of thousands of webhooks is searched', async (t) => {
  const { storage, other } = await setUp(t);
  await storage.webhooks.create(newWebhook({ pausedAt: T0, pauseReason: 'owner' }), null, null);
  await storage.events.commit([publication('file.received', { mediaId: 'm' })], T0);
  await storage.flush();
  multiply(other, 'webhooks', 5_000, {
    id: `'id' || n`,
    seq: 'n + 1',
    user_id: `'other' || n`,
    paused_at: 'null',
  });
  multiply(other, 'deliveries', 5_000, {
    seq: 'n + 1',
    webhook_seq: 'n + 1',
    next_attempt_at: `${T0} + 9000 - n`,
  });
  const ended: string[] = [];
  const search = storage.queue.nextDueAt(T0 - 1).then((at) => {
    ended.push('search');
    return at;
  });
  await storage.events
    .commit([publication('file.received', { mediaId: 'other' })], T0)
    .then(() => ended.push('commit'));
  assert.equal(await search, T0 + 9_000 - 4_999);
  assert.deepEqual(ended, ['commit', 'search']);
});

test('the check of the bytes that an account keeps reads no list of its media', async (t) => {
  const { storage, other } = await setUp(t);
  const kept = newMedia();
  await storage.media.create(kept, null, null);
  await storage.media.reserveBytes(kept, { atLeast: 5 }, 200_000);
  multiply(other, 'media', 30_000, { id: `'id' || n` });
  const upload = newMedia({ id: 'upload' });
  await storage.media.create(upload, null, null);
  await storage.media.reserveBytes(upload, { atLeast: 50_000 }, 200_000);
  await assert.rejects(storage.media.reserveBytes(upload, { atLeast: 50_001 }, 200_000), {
    code: 'limit_reached',
    message: /the account keeps 200000 bytes of media/,
  });
  const before = process.threadCpuUsage();
  for (let n = 0; n < 100; n += 1) await storage.media.reserveBytes(upload, { room: 1 }, 200_001);
  const { user, system } = process.threadCpuUsage(before);
  // Adding up 30,000 media takes 2 ms of the processor's time, and a check that reads one row 0.2 ms.
  assert.ok(user + system < 90_000, `a hundred checks took ${(user + system) / 1_000} ms`);
  assert.equal(
    other.prepare('select kept_bytes from account_usage where user_id = ?').get(USER)?.kept_bytes,
    200_000,
  );
});

test('the count of kept bytes follows every change of a media', async (t) => {
  const { storage, other } = await setUp(t);
  const count = () =>
    other.prepare('select coalesce(sum(kept_bytes), 0) as kept from account_usage').get()?.kept;
  const sum = () =>
    other.prepare(`select coalesce(sum(kept_bytes), 0) as kept from media where status <> 'deleted'`).get()
      ?.kept;
  const media = newMedia({ keptBytes: 3 });
  const step = { kind: 'received', mediaId: media.id, size: 60, by: null } as const;
  for (const change of [
    () => storage.media.create(media, null, null),
    () => storage.media.reserveBytes(media, { more: 90 }, 1_000),
    () => storage.events.commit([publication('file.received', { mediaId: media.id }, step)], T0),
    () => storage.media.create(newMedia({ userId: 'other', keptBytes: 7 }), null, null),
    () => storage.media.delete(USER, media.id, { at: T0, by: null }),
    () => storage.retention.removeMedia([media.id]),
  ]) {
    await change();
    assert.equal(count(), sum());
  }
  assert.equal(count(), 7);
});

test('cancelling the deliveries of a deleted webhook changes few pages', async (t) => {
  const { storage, other } = await setUp(t);
  const webhooks = Array.from({ length: 4 }, () => newWebhook({ pausedAt: T0, pauseReason: 'owner' }));
  for (const webhook of webhooks) await storage.webhooks.create(webhook, null, null);
  // Each event is in a lane of its own, and has a delivery for each of the webhooks.
  await storage.events.commit(publications(5_000), T0);
  const id = webhooks[0]?.id ?? '';
  await storage.webhooks.delete(USER, id, { at: T0, by: null });
  const pages = () => other.prepare('pragma wal_checkpoint(noop)').get()?.log as number;
  const before = pages();
  assert.deepEqual(await storage.webhooks.cancelDeliveries(200), { cancelled: 200, isDone: false });
  assert.ok(pages() - before < 150, `${pages() - before} pages for 200 deliveries`);
});

test('a commit of events with very many deliveries is a short transaction', async (t) => {
  const { storage, other } = await setUp(t);
  const webhooks = 100;
  for (let n = 0; n < webhooks; n += 1) await storage.webhooks.create(newWebhook(), null, null);
  const all = publications(180);
  const first = await storage.events.commit(all.slice(0, 60), T0, T0, [10, 1, 8, 30]);
  assert.equal(first.outcomes.length, 19, 'the last caller waits for the next commit');
  assert.deepEqual([first.ready.length, first.hasMoreReady], [19 * webhooks, undefined]);
  const rest = await storage.events.commit(all.slice(19, 60), T0, T0, [15, 26]);
  assert.equal(rest.outcomes.length, 15, 'the second caller would be split');
  const part = await storage.events.commit(all.slice(60, 120), T0, T0, [60]);
  assert.equal(part.outcomes.length, 20, 'a caller that alone has very many deliveries is split');

  const whole = await storage.events.commit(all.slice(120), T0);
  assert.equal(whole.outcomes.length, 60, 'a commit is repeated as a whole after a kill');
  assert.deepEqual([whole.ready.length, whole.hasMoreReady], [2_000, true]);
  assert.equal(await storage.queue.nextDueAt(T0 - 1), T0, 'the others are due');
  await storage.flush();
  const unclaimed = other.prepare('select count(*) as n from deliveries where claimed = 0').get()?.n;
  assert.equal(unclaimed, 4_000);
});

test('an event decrypts no credentials of webhooks that it is not sent to', async (t) => {
  const { storage, other } = await setUp(t);
  await storage.webhooks.create(newWebhook({ events: ['encoding.failed'] }), null, null);
  multiply(other, 'webhooks', 3_000, { id: `'id' || n`, seq: 'n + 1' });
  const before = process.threadCpuUsage();
  const { ready } = await storage.events.commit([publication('file.received', { mediaId: 'm' })], T0);
  const { user, system } = process.threadCpuUsage(before);
  assert.equal(ready.length, 0);
  // Decrypting all of them takes 100 ms of the processor's time, and reading the rows 15 ms.
  assert.ok(user + system < 50_000, `the commit took ${(user + system) / 1_000} ms`);
});

test('a claim visits a limited number of webhooks, whether or not something of theirs is due', async (t) => {
  const { storage, other } = await setUp(t);
  await storage.webhooks.create(newWebhook(), null, null);
  await storage.events.commit([publication('file.received', { mediaId: 'm' })], T0);
  await storage.flush();
  multiply(other, 'webhooks', 1_500, { id: `'id' || n`, seq: 'n + 1', user_id: `'other' || n` });
  const due = `${T0} + 1000 * (n % 2)`;
  multiply(other, 'deliveries', 1_500, {
    seq: 'n + 1',
    webhook_seq: 'n + 1',
    next_attempt_at: due,
    claimed: '0',
  });
  let after: Cursor | null = null;
  let claimed = 0;
  let calls = 0;
  do {
    const request: ClaimRequest = { now: T0, limit: 1_000, perWebhook: 10, buffered: [], after };
    const { ready, after: next }: Claimed = await storage.queue.claim(request);
    assert.ok(ready.length <= 250, `${ready.length} deliveries, of which every second is due`);
    claimed += ready.length;
    calls += 1;
    after = next;
  } while (after !== null);
  assert.deepEqual([claimed, calls], [749, 3]);
});
