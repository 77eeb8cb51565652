import assert from 'node:assert/strict';
import { randomUUIDv7 } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import type { Cursor } from '../contracts/page.ts';
import type { RetentionRequest, RetentionStep } from '../contracts/retention.ts';
import { KEYS, newMedia, newWebhook, publications, T0, USER } from '../testing/records.ts';
import { openSqliteStorage, type SqliteStorage } from './sqlite-storage.ts';

/**
 * Maximum milliseconds of processor time for which one step may hold the thread of the database. A step that grows with the data takes many
 * times as long with the numbers of rows below.
 */
const LONGEST_MS = 50;
const MANY = 30_000;
/** Maximum number of rows of a step at normal speed. */
const ROWS = 200;

async function setUp(t: TestContext) {
  const dir = await mkdtemp(join(tmpdir(), 'mediahooks-large-data-'));
  const file = join(dir, 'test.sqlite');
  const open = async () => {
    const storage = await openSqliteStorage({ file, keys: KEYS });
    t.after(() => storage.close());
    return storage;
  };
  t.after(() => rm(dir, { recursive: true }));
  return { storage: await open(), open, file };
}

/** Commits `MANY` events for one webhook, each in a lane of its own. */
async function fill(storage: SqliteStorage): Promise<string> {
  const webhook = newWebhook();
  await storage.webhooks.create(webhook, null, null);
  const all = publications(MANY);
  for (let from = 0; from < MANY; from += 500) await storage.events.commit(all.slice(from, from + 500), T0);
  await storage.flush();
  return webhook.id;
}

/** Returns the number of bytes in the pages that the database uses. */
function keptBytes(file: string): number {
  const reader = new DatabaseSync(file, { readOnly: true });
  const [pages, free] = ['page_count', 'freelist_count'].map(
    (name) => reader.prepare(`pragma ${name}`).get()?.[name],
  );
  reader.close();
  return 4_096 * (Number(pages) - Number(free));
}

/**
 * Measures the time of this thread that the steps of one kind of work take. Waiting for the disk, and for other
 * processes, does not count.
 */
class Steps {
  readonly #durations: number[] = [];

  async measure<T>(step: () => Promise<T>): Promise<T> {
    const before = process.threadCpuUsage();
    const result = await step();
    const { user, system } = process.threadCpuUsage(before);
    this.#durations.push((user + system) / 1_000);
    return result;
  }

  assertShort(what: string): void {
    const longest = Math.max(...this.#durations);
    assert.ok(longest < LONGEST_MS, `${what}: a step took ${longest.toFixed(1)} ms`);
  }
}

test('a webhook with many pending deliveries is deleted, cancelled and removed in short steps', async (t) => {
  const { storage, open } = await setUp(t);
  const id = await fill(storage);
  const deletion = new Steps();
  const removed = await deletion.measure(() => storage.webhooks.delete(USER, id, { at: T0 + 1, by: null }));
  deletion.assertShort('deletion');
  const cancelling = new Steps();
  let cancelled = removed?.cancelled ?? 0;
  // Half of the work is done by a storage that is opened later, as after a kill.
  let worker = storage;
  for (let isDone = false; !isDone; ) {
    if (cancelled > MANY / 2 && worker === storage) worker = await open();
    const step = await cancelling.measure(() => worker.webhooks.cancelDeliveries(ROWS));
    cancelled += step.cancelled;
    ({ isDone } = step);
  }
  assert.equal(cancelled, MANY);
  cancelling.assertShort('cancelling');

  const removal = new Steps();
  let [deliveries, after]: [number, Cursor | null] = [0, null];
  do {
    const request: RetentionRequest = { before: T0 + 2, now: T0 + 2, after, limit: ROWS };
    const step: RetentionStep = await removal.measure(() => storage.retention.removeEvents(request));
    deliveries += step.deliveries;
    ({ after } = step);
  } while (after !== null);
  assert.equal(deliveries, MANY);
  const { webhooks } = await removal.measure(() =>
    storage.retention.removeWebhooks({ after: null, limit: ROWS }),
  );
  assert.equal(webhooks, 1);
  removal.assertShort('removal');
});

test('a start releases the claims of a dead process, however many deliveries are pending', async (t) => {
  const { storage, open, file } = await setUp(t);
  await fill(storage);
  const later = await open();
  assert.equal(await later.queue.nextDueAt(0), null, 'all are claimed');
  await later.queue.releaseStaleClaims(null);
  assert.equal(await later.queue.nextDueAt(0), T0);
  await later.flush();
  const reader = new DatabaseSync(file, { readOnly: true });
  const claimed = reader.prepare('select count(*) as count from deliveries where claimed = 1').get();
  reader.close();
  assert.equal(claimed?.count, 0);
});

test('deleted media keep nothing that the account wrote, and are removed in short steps', async (t) => {
  const { storage, file } = await setUp(t);
  const tags = Array.from({ length: 50 }, (_, n) => `${n}${'t'.repeat(250)}`);
  const metadata = tags.map((value) => ({ key: value, value }));
  const media = Array.from({ length: 3 * ROWS }, () =>
    newMedia({ tags, metadata, description: 'd'.repeat(1_000) }),
  );
  const emptyBytes = keptBytes(file);
  await Promise.all(media.map((one) => storage.media.create(one, null, null)));
  await Promise.all(media.map(({ id }) => storage.media.delete(USER, id, { at: T0, by: null })));
  const kept = keptBytes(file) - emptyBytes;
  assert.ok(kept < 500 * media.length, `${kept} bytes are kept`);
  const steps = new Steps();
  let removed = 0;
  for (;;) {
    const ids = await storage.retention.deletedMedia({ before: T0 + 1, limit: ROWS });
    if (ids.length === 0) break;
    await steps.measure(() => storage.retention.removeMedia(ids));
    removed += ids.length;
  }
  assert.equal(removed, media.length);
  assert.deepEqual(await storage.media.statuses(media.map(({ id }) => id)), []);
  steps.assertShort('removal');
});

test('a webhook keeps a hundred bulk resends that have ended', async (t) => {
  const { storage, file } = await setUp(t);
  const webhook = newWebhook();
  await storage.webhooks.create(webhook, null, null);
  for (let n = 0; n < 130; n += 1) {
    const keys = { id: randomUUIDv7(), webhookId: webhook.id, userId: USER };
    const times = { since: T0, until: T0 + n, createdAt: T0 + n, endedAt: null };
    await storage.bulkResends.create({ ...keys, ...times, state: 'running', queued: 0 }, null);
    await storage.bulkResends.advance([{ id: keys.id, limit: 1, buffered: 0, maxInFlight: 1 }], T0 + n);
  }
  const reader = new DatabaseSync(file, { readOnly: true });
  const kept = reader.prepare('select count(*) as count from recoveries').get()?.count;
  reader.close();
  assert.equal(kept, 100);
});

test('unfinished media are read without what the account wrote', async (t) => {
  const { storage } = await setUp(t);
  const tags = Array.from({ length: 50 }, (_, n) => `${n}${'t'.repeat(250)}`);
  const media = Array.from({ length: 300 }, (_, n) => newMedia({ tags, receivedAt: T0 + n }));
  await Promise.all(media.map((one) => storage.media.create(one, null, null)));
  const page = await storage.media.unfinished(null, 100);
  assert.ok(JSON.stringify(page).length < 100 * 120, 'only ids are read');
});
