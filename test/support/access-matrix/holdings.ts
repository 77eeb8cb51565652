import assert from 'node:assert/strict';
import { glob, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { mediaRoot } from '../../../src/data-folder/paths.ts';

/**
 * Conditions that select the rows of an account from tables without a column `user_id`. `null`: the rows of
 * the table belong to no account.
 */
const ROWS_OF: Record<string, string | null> = {
  accounts: 'id = ?',
  media_qualities: 'media_id in (select id from media where user_id = ?)',
  deliveries: 'event_seq in (select seq from events where user_id = ?)',
  attempts:
    'delivery_seq in (select seq from deliveries where event_seq in (select seq from events where user_id = ?))',
  webhook_revisions: 'webhook_seq in (select seq from webhooks where user_id = ?)',
  webhook_checks: 'webhook_seq in (select seq from webhooks where user_id = ?)',
  encryption_keys: null,
  recovery_state: null,
  uncounted_rows: null,
  // Numbers of attempts, which are stored some seconds later.
  delivery_hours: null,
  // The hash of a column of `events`.
  event_keys: null,
  kysely_migration: null,
  steady_clock: null,
  kysely_migration_lock: null,
};

/** Reads all stored data of an account: its rows of each table, and the files of its media. */
export async function holdingsOf(userId: string, dataDir: string): Promise<Record<string, unknown[]>> {
  const db = new DatabaseSync(join(dataDir, 'mediahooks.sqlite'), { readOnly: true });
  try {
    const holdings: Record<string, unknown[]> = {};
    for (const table of tablesOf(db)) {
      const condition = conditionOf(db, table);
      if (condition === null) continue;
      holdings[table] = db.prepare(`select * from ${table} where ${condition}`).all(userId);
    }
    // The time of a key's last use is left out, because it changes when a key for uploads is used, even if
    // the call fails.
    for (const key of holdings.api_keys as { last_requested_at?: unknown }[]) delete key.last_requested_at;
    const media = (holdings.media as { id: string }[]).map(({ id }) => id);
    return { ...holdings, files: await filesOf(media, dataDir) };
  } finally {
    db.close();
  }
}

function tablesOf(db: DatabaseSync): string[] {
  const rows = db
    .prepare("select name from sqlite_schema where type = 'table' and name not like 'sqlite_%'")
    .all();
  return rows.map(({ name }) => String(name));
}

function conditionOf(db: DatabaseSync, table: string): string | null {
  const known = ROWS_OF[table];
  if (known !== undefined) return known;
  const columns = db.prepare('select name from pragma_table_info(?)').all(table);
  assert.ok(
    columns.some(({ name }) => name === 'user_id'),
    `whose are the rows of ${table}?`,
  );
  return 'user_id = ?';
}

async function filesOf(media: readonly string[], dataDir: string): Promise<string[]> {
  const files: string[] = [];
  for (const id of media) {
    for await (const name of glob('**', { cwd: join(mediaRoot(dataDir), id) })) {
      const { size, mtimeMs } = await stat(join(mediaRoot(dataDir), id, name));
      files.push(`${id}/${name} ${size} ${mtimeMs}`);
    }
  }
  return files.toSorted();
}
