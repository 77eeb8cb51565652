import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { mediaDir, publicDir } from '../../../src/media/files/media-files.ts';
import { treeSize } from '../../../src/media/files/tree-size.ts';

interface CountedMedia {
  readonly id: string;
  readonly userId: string;
  readonly bytes: number;
  readonly unmeasured: number;
}

/** Returns whether all rows and files of older versions, and of killed processes, were counted. */
export function isAllCounted(dataDir: string): boolean {
  return read(dataDir, (database) => {
    const kinds = database.prepare('select count(*) as kinds from uncounted_rows').get()?.kinds;
    const unmeasured = `select count(*) as media from media where unmeasured <> 0 and status <> 'deleted'`;
    return kinds === 0 && database.prepare(unmeasured).get()?.media === 0;
  });
}

/**
 * Asserts that the files of each media count with the bytes that they take, and each account with the sum of them. No file
 * may change meanwhile.
 */
export async function assertFilesCounted(dataDir: string): Promise<void> {
  const media = read(dataDir, (database) =>
    database
      .prepare(
        `select id, user_id as userId, encoded_bytes + thumbnail_bytes as bytes, unmeasured
        from media where status <> 'deleted'`,
      )
      .all(),
  ) as unknown as CountedMedia[];
  const sums = new Map<string, number>();
  for (const { id, userId, bytes, unmeasured } of media) {
    assert.deepEqual(
      { id, bytes, unmeasured },
      { id, bytes: (await treeSize(publicDir(mediaDir(dataDir, id)))).bytes, unmeasured: 0 },
    );
    sums.set(userId, (sums.get(userId) ?? 0) + bytes);
  }
  const accounts = read(dataDir, (database) =>
    database.prepare('select user_id as userId, encoded_bytes as bytes from account_usage').all(),
  ) as unknown as Pick<CountedMedia, 'userId' | 'bytes'>[];
  for (const { userId, bytes } of accounts) assert.equal(bytes, sums.get(userId) ?? 0, userId);
}

/** Asserts that each account counts the sum of the bytes that its rows state, and that no old row states none. */
export function assertRowsCounted(dataDir: string): void {
  read(dataDir, (database) => {
    const uncounted = database.prepare(UNCOUNTED).all();
    assert.deepEqual(uncounted, []);
    for (const { userId, bytes, stated } of database.prepare(USAGE).all())
      assert.equal(bytes, stated, String(userId));
  });
}

/** Rows that count nothing, although rows of their kind do. */
const UNCOUNTED = `
  select 'media' as kind, id from media where charged_bytes = 0
  union all select 'event', seq from events
    where charged_bytes = 0 and idempotency_key is null and unique_key is null
  union all select 'attempt', delivery_seq from attempts where charged_bytes = 0
  union all select 'audit record', id from audit_records
    where charged_bytes = 0 and action <> 'account.sign_in_refused'`;

const USAGE = `
  select user_id as userId, bytes, (
    select coalesce(sum(charged), 0) from (
      select user_id as u, charged_bytes as charged from media
      union all select user_id, charged_bytes from events
      union all select user_id, charged_bytes from audit_records
      union all select e.user_id, a.charged_bytes from attempts a join deliveries d on d.seq = a.delivery_seq
        join events e on e.seq = d.event_seq
      union all select w.user_id, r.charged_bytes from webhook_revisions r
        join webhooks w on w.seq = r.webhook_seq) where u = user_id) as stated
  from record_usage`;

function read<T>(dataDir: string, work: (database: DatabaseSync) => T): T {
  const database = new DatabaseSync(join(dataDir, 'mediahooks.sqlite'), { readOnly: true });
  try {
    return work(database);
  } finally {
    database.close();
  }
}
