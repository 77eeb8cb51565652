import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, test } from 'node:test';
import type { Kysely } from 'kysely';
import type { SealedCredentials } from '../encryption/webhook-credentials.ts';
import { listAccounts } from '../kysely/accounts.ts';
import { listApiKeys } from '../kysely/api-keys.ts';
import { listAuditRecords } from '../kysely/audit.ts';
import type { Reading } from '../kysely/list-query.ts';
import { listMedia } from '../kysely/media-lists.ts';
import type { Schema } from '../kysely/tables/schema.ts';
import { listWebhooks } from '../kysely/webhooks.ts';
import {
  ALL_MEDIA,
  ALL_WEBHOOKS,
  KEYS,
  newApiKey,
  newMedia,
  newWebhook,
  T0,
  USER,
} from '../testing/records.ts';
import { kyselyOn } from './schema/kysely-connection.ts';
import { openSqliteStorage } from './sqlite-storage.ts';

/** Number of rows of the account in each table. A list of them takes three steps. */
const ROWS = 4_100;
const STEPS = 3;

let dir: string;
let connection: DatabaseSync;
let db: Kysely<Schema>;
let pauses = 0;
/** Texts of the SQL statements that were prepared since the last test began. */
let statements: string[] = [];

before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'mediahooks-lists-'));
  const file = join(dir, 'test.db');
  const storage = await openSqliteStorage({ file, keys: KEYS });
  await storage.media.create(newMedia({ title: 'x' }), null, null);
  await storage.webhooks.create(newWebhook(), null, null);
  await storage.apiKeys.create(newApiKey(), null, null);
  await storage.close();
  connection = new DatabaseSync(file);
  for (const table of ['media', 'webhooks', 'api_keys']) multiply(table);
  const numbers = `with recursive n(n) as (select 0 union all select n + 1 from n where n < ${ROWS - 1})`;
  connection.exec(`
    insert into accounts ${numbers}
      select 'id' || n, 'mail' || n, '', '', 0, n % 2, null, 0, ${T0} + n / 3, 0 from n;
    insert into audit_records ${numbers}
      select 'id' || n, ${T0} + n / 3, '${USER}', 'media.created', 'target', '[]', null, 'token',
        null, null, null, null, 0 from n`);
  db = kyselyOn<Schema>(connection, (sql) => {
    statements.push(sql);
    return connection.prepare(sql);
  });
});

after(async () => {
  connection.close();
  await rm(dir, { recursive: true });
});

/** Makes `ROWS` rows of the only row of a table. Names repeat, and three rows have the same time. */
function multiply(table: string): void {
  const names = connection.prepare('select name from pragma_table_info(?)').all(table) as { name: string }[];
  const values: Record<string, string> = {
    id: `'id' || n`,
    seq: 'n + 2',
    created_at: `${T0} + n / 3`,
    title: `'name' || (n % 7)`,
    name: `'name' || (n % 7)`,
    url: `'url' || (n % 7)`,
    public_key: `'key' || n`,
  };
  const columns = names.map(({ name }) => values[name] ?? name).join(', ');
  connection.exec(`
    create temp table one as select * from ${table};
    delete from ${table};
    insert into ${table} with recursive n(n) as (select 0 union all select n + 1 from n where n < ${ROWS - 1})
      select ${columns} from one, n;
    drop table one`);
}

const reading = (): Reading => ({
  db,
  pause: async () => {
    pauses += 1;
  },
});

type Request = {
  sortBy: string;
  orderBy: 'asc' | 'desc';
  offset: number;
  limit: number;
  search: string | null;
};
type List = (request: Request) => Promise<{ items: readonly { id: string }[]; total: number }>;

/** The credentials of a webhook can be decrypted in its own row alone, and all rows are copies of one. */
const credentials = { open: () => ({}) } as unknown as SealedCredentials;
const UNFILTERED = { action: null, targetId: null, actorId: null, since: null, until: null };

/** Lists by their names, with the columns of their orders, and the number of rows that the search `6` finds. */
const LISTS: readonly [string, string, readonly string[], number | null, List][] = [
  [
    'media',
    'media',
    ['created_at', 'title'],
    ROWS / 7,
    (request) => listMedia(reading(), USER, { ...ALL_MEDIA, ...(request as typeof ALL_MEDIA) }),
  ],
  [
    'webhooks',
    'webhooks',
    ['created_at', 'name', 'url'],
    ROWS / 7,
    (request) =>
      listWebhooks({ ...reading(), credentials }, USER, {
        ...ALL_WEBHOOKS,
        ...(request as typeof ALL_WEBHOOKS),
      }),
  ],
  [
    'API keys',
    'api_keys',
    ['created_at', 'name'],
    ROWS / 7,
    (request) => listApiKeys(reading(), USER, { ...request, type: null } as never),
  ],
  [
    'accounts',
    'accounts',
    ['created_at', 'email'],
    null,
    (request) => listAccounts(reading(), { ...request, isDisabled: null } as never),
  ],
  ...(['the account', 'a target', 'all'] as const).map((of): (typeof LISTS)[number] => [
    `audit records of ${of}`,
    'audit_records',
    ['created_at'],
    null,
    (request) =>
      listAuditRecords(reading(), {
        ...request,
        ...UNFILTERED,
        of: of === 'all' ? 'all' : { accountId: USER },
        targetId: of === 'a target' ? 'target' : null,
      }),
  ]),
];

for (const [name, table, columns, found, list] of LISTS) {
  describe(`a list of ${name}`, () => {
    for (const column of columns) {
      for (const orderBy of ['asc', 'desc'] as const) {
        test(`by ${column}, ${orderBy}, visits all rows in steps along an index`, async () => {
          const sortBy = column.replace('_at', 'At');
          const ids = connection
            .prepare(`select id from ${table} order by ${column} ${orderBy}, id ${orderBy}`)
            .all()
            .map(({ id }) => id);
          pauses = 0;
          statements = [];
          for (const offset of [0, 1_950, ROWS - 7]) {
            const page = await list({ sortBy, orderBy, offset, limit: 100, search: null });
            assert.equal(page.total, ROWS);
            // An audit record's id is in its row alone, and every other object has one.
            assert.deepEqual(
              page.items.map(({ id }) => id),
              ids.slice(offset, offset + 100),
            );
          }
          assert.equal(pauses, 3 * (STEPS - 1));
          assertAlongIndex();
        });
      }
    }

    if (found !== null)
      test('with a search has the same steps', async () => {
        pauses = 0;
        statements = [];
        const page = await list({
          sortBy: 'createdAt',
          orderBy: 'asc',
          offset: 500,
          limit: 100,
          search: 'E6',
        });
        assert.deepEqual([page.total, page.items.length], [Math.floor(found), Math.floor(found) - 500]);
        assert.equal(pauses, STEPS - 1);
        assertAlongIndex();
      });
  });
}

/**
 * Asserts that no statement since the test began reads a whole table or sorts rows, apart from the rows of one
 * step. Otherwise each step would take longer the more rows there are.
 */
function assertAlongIndex(): void {
  assert.ok(statements.length > 0);
  for (const sql of statements) {
    const plan = connection.prepare(`explain query plan ${sql}`).all() as { detail: string }[];
    const details = plan.map(({ detail }) => detail).join('\n');
    assert.doesNotMatch(
      details,
      /SCAN (?!step|\(subquery)(?!\w+ USING (COVERING )?INDEX)/,
      `${sql}\n${details}`,
    );
    if (!/as "step"/.test(sql)) assert.doesNotMatch(details, /TEMP B-TREE/, `${sql}\n${details}`);
  }
}
