import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { sumOfDue } from '../../domain/due.ts';
import type { Due } from '../contracts/queue.ts';
import { KEYS, T0 } from '../testing/records.ts';
import { countDue } from './count-due.ts';
import { Database } from './database.ts';

const WEBHOOKS = 4_500;

/** Makes the webhooks and deliveries by SQL, because thousands of webhooks take seconds by the contract. */
const NUMBERS = `with recursive numbers(n) as (select 1 union all select n + 1 from numbers where n < ?)`;
const MAKE_WEBHOOKS = `${NUMBERS}
  insert into webhooks (id, user_id, name, url, credentials, file_received, encoding_started, partial_finished,
    encoding_finished, encoding_failed, created_at, updated_at, retry_schedule, paused_at)
  select 'w' || n, 'user', '', '', '', 1, 1, 1, 1, 1, 0, 0, 'default', iif(n % 3 = 0, 1, null) from numbers`;
const MAKE_DELIVERIES = `${NUMBERS}
  insert into deliveries (event_seq, webhook_seq, lane, event_type, state, attempts, attempts_before, next_attempt_at,
    claimed, created_at)
  select 1, n, n, 'file.received', 'pending', 0, 0, ? - n, 0, 0 from numbers`;

test('a call visits a bounded number of webhooks, and several calls count each delivery once', async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'mediahooks-due-'));
  const db = await Database.open({ file: join(dir, 'test.sqlite'), keys: KEYS });
  t.after(async () => {
    await db.close();
    await rm(dir, { recursive: true });
  });
  await db.transaction(() => {
    db.prepare(MAKE_WEBHOOKS).run(WEBHOOKS);
    db.prepare(MAKE_DELIVERIES).run(WEBHOOKS, T0);
  });
  const parts: Due[] = [];
  do {
    const after = parts.at(-1)?.after ?? null;
    parts.push(countDue(db, { now: T0, limit: 10_000, throttled: ['w1', 'w3', 'w4500'], after }));
  } while (parts.at(-1)?.after !== null);
  assert.equal(parts.length, 3);
  const [sendable, paused, throttled] = (['sendable', 'paused', 'throttled'] as const).map((kind) =>
    parts.map((part) => part[kind]).reduce((a, b) => sumOfDue(a, b, 10_000)),
  );
  // Each third webhook is paused, the throttled ones among them.
  assert.deepEqual(paused, { count: 1_500, oldestAt: T0 - 4_500 });
  assert.deepEqual(throttled, { count: 1, oldestAt: T0 - 1 });
  assert.deepEqual(sendable, { count: 2_999, oldestAt: T0 - 4_499 });
});
