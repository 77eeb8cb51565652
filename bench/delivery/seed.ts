import { randomUUID, randomUUIDv7 } from 'node:crypto';
import { join } from 'node:path';
import { findEncryptionKeys } from '../../src/data-folder/encryption-keys.ts';
import { eventBody } from '../../src/domain/event.ts';
import { createMedia } from '../../src/storage/kysely/media.ts';
import { createWebhook } from '../../src/storage/kysely/webhooks.ts';
import { Database } from '../../src/storage/sqlite/database.ts';
import { sqliteHotPath } from '../../src/storage/sqlite/hot-path.ts';
import { newMedia, newWebhook } from '../../src/storage/testing/records.ts';

/**
 * Functions that fill a database faster than the API would. They write many rows in each transaction, with
 * the operations of the storage.
 */

const ROWS_A_TRANSACTION = 5_000;

async function withDatabase<T>(dataDir: string, work: (db: Database) => Promise<T>): Promise<T> {
  const db = await Database.open({
    file: join(dataDir, 'mediahooks.sqlite'),
    keys: (await findEncryptionKeys({ encryptionKey: null, dataDir })).keys,
  });
  try {
    return await work(db);
  } finally {
    await db.close();
  }
}

async function inTransactions(db: Database, count: number, work: (index: number) => unknown): Promise<void> {
  for (let from = 0; from < count; from += ROWS_A_TRANSACTION) {
    await db.transaction(async () => {
      for (let n = from; n < Math.min(count, from + ROWS_A_TRANSACTION); n += 1) await work(n);
    });
  }
}

/**
 * Creates an account for each list of URLs, and in the account one webhook for each URL. Returns the ids of
 * the accounts.
 */
export function createSubscribers(
  dataDir: string,
  subscribers: readonly (readonly string[])[],
): Promise<string[]> {
  const userIds = subscribers.map(() => randomUUIDv7());
  const now = Date.now();
  return withDatabase(dataDir, async (db) => {
    await inTransactions(db, userIds.length, async (index) => {
      const userId = userIds[index] as string;
      await db.kysely
        .insertInto('accounts')
        .values({ ...account(userId), createdAt: now, updatedAt: now })
        .execute();
      for (const url of subscribers[index] ?? [])
        await createWebhook(db, newWebhook({ userId, url }), null, null);
    });
    return userIds;
  });
}

/**
 * Adds deliveries that are due, as they wait in the database after receivers did not answer for a long time.
 */
export function createBacklog(dataDir: string, userIds: readonly string[], count: number): Promise<void> {
  const now = Date.now();
  return withDatabase(dataDir, async (db) => {
    await commitMany(db, userIds, count, now);
    await db.transaction(() => db.prepare('update deliveries set claimed = 0').run());
  });
}

/** Adds deliveries that succeeded `days` ago, so that retention has deliveries to remove. */
export function createHistory(
  dataDir: string,
  userIds: readonly string[],
  { count, days }: { count: number; days: number },
): Promise<void> {
  const then = Date.now() - days * 24 * 3600 * 1000;
  return withDatabase(dataDir, async (db) => {
    await commitMany(db, userIds, count, then);
    await db.transaction(() =>
      db
        .prepare(`
          update deliveries set state = 'succeeded', claimed = 0, next_attempt_at = null, ended_at = created_at,
            attempts = 1, last_at = created_at, last_duration_ms = 1, last_status = 200, last_response = ''`)
        .run(),
    );
  });
}

/** Adds a webhook whose newest deliveries have failed, so that a recovery has something to send. Returns its id. */
export function createFailedDeliveries(
  dataDir: string,
  userId: string,
  { url, count }: { url: string; count: number },
): Promise<string> {
  const webhook = newWebhook({ userId, url });
  return withDatabase(dataDir, async (db) => {
    await db.transaction(() => createWebhook(db, webhook, null, null));
    await commitMany(db, [userId], count, Date.now());
    await db.transaction(() =>
      db
        .prepare(`
          update deliveries set state = 'failed', claimed = 0, next_attempt_at = null, ended_at = created_at,
            attempts = 1, last_at = created_at, last_duration_ms = 1, last_status = 500, last_response = ''
          where webhook_seq = (select seq from webhooks where id = ?)`)
        .run(webhook.id),
    );
    return webhook.id;
  });
}

/** Tags and metadata of the largest size that the API accepts. */
export const LARGEST = {
  tags: Array.from({ length: 50 }, (_, n) => `${n}`.padEnd(255, 't')),
  metadata: Array.from({ length: 50 }, (_, n) => ({
    key: `${n}`.padEnd(255, 'k'),
    value: `${n}`.padEnd(255, 'v'),
  })),
};

/** Adds media with the largest tags and metadata. Returns their ids. */
export function createLargeMedia(dataDir: string, userId: string, count: number): Promise<string[]> {
  const now = Date.now();
  return withDatabase(dataDir, async (db) => {
    const ids: string[] = [];
    await inTransactions(db, count, async (index) => {
      const media = newMedia({ userId, ...LARGEST, createdAt: now + index });
      await createMedia(db.kysely, media, null, null);
      ids.push(media.id);
    });
    return ids;
  });
}

/**
 * Adds paused webhooks, with `deliveries` that wait in each of them. Returns the ids of the webhooks.
 */
export function createPausedWebhooks(
  dataDir: string,
  userId: string,
  { webhooks, deliveries }: { webhooks: number; deliveries: number },
): Promise<string[]> {
  const now = Date.now();
  return withDatabase(dataDir, async (db) => {
    const ids: string[] = [];
    await inTransactions(db, webhooks, async () => {
      const webhook = newWebhook({ userId, pausedAt: now, pauseReason: 'owner' });
      await createWebhook(db, webhook, null, null);
      ids.push(webhook.id);
    });
    await commitMany(db, [userId], deliveries, now);
    return ids;
  });
}

async function commitMany(
  db: Database,
  userIds: readonly string[],
  count: number,
  now: number,
): Promise<void> {
  const { events } = sqliteHotPath(db);
  for (let left = count; left > 0; left -= 500) {
    const publications = Array.from({ length: 500 }, (_, n) =>
      publication(userIds[n % userIds.length] as string, now),
    );
    await events.commit(publications, now);
  }
  await db.flush();
  // Notes that all deliveries have rows, as a service that has run for some seconds has done.
  await db.transaction(() => db.writeAllOf('remove'));
}

function account(id: string) {
  return {
    id,
    email: `${id}@example.com`,
    firstName: '',
    lastName: '',
    isOperator: 0,
    isDisabled: 0,
    tokenGeneration: 0,
  };
}

function publication(userId: string, now: number) {
  const mediaId = randomUUID();
  const body = eventBody({
    type: 'file.received',
    emittedAt: now,
    mediaId,
    mediaType: 'video',
    qualities: '360p,720p',
    title: 'Benchmark',
    userId,
  });
  const event = { id: randomUUIDv7(), userId, mediaId, type: 'file.received', emittedAt: now, body } as const;
  return { event: { ...event, idempotencyKey: randomUUID() }, step: null };
}
