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

const WEBHOOKS = 2_400;
/** Number of deliveries of the first webhook, which one call can't read. */
const MANY = 2_500;

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
/** Deliveries of the first webhook that became due at the same time. */
const MAKE_MANY = `${NUMBERS}
  insert into deliveries (event_seq, webhook_seq, lane, event_type, state, attempts, attempts_before, next_attempt_at,
    claimed, created_at)
  select 1, 1, n, 'file.received', 'pending', 0, 0, ?, 0, 0 from numbers`;

test('a call reads a bounded number of webhooks and deliveries, and several calls count each delivery once', async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'mediahooks-due-'));
  const db = await Database.open({ file: join(dir, 'test.sqlite'), keys: KEYS });
  t.after(async () => {
    await db.close();
    await rm(dir, { recursive: true });
  });
  await db.transaction(() => {
    db.prepare(MAKE_WEBHOOKS).run(WEBHOOKS);
    db.prepare(MAKE_DELIVERIES).run(WEBHOOKS, T0);
    db.prepare(MAKE_MANY).run(MANY - 1, T0 - 1);
  });
  const count = (limit: number) => {
    const limits = { sendable: limit, paused: limit, throttled: limit };
    const parts: Due[] = [];
    do {
      const after = parts.at(-1)?.after ?? null;
      parts.push(countDue(db, { now: T0, limits, throttled: ['w1', 'w3', 'w2400'], after }));
    } while (parts.at(-1)?.after !== null);
    const [sendable, paused, throttled] = (['sendable', 'paused', 'throttled'] as const).map((kind) =>
      parts.map((part) => part[kind]).reduce((a, b) => sumOfDue(a, b, limit)),
    );
    return { calls: parts.length, sendable, paused, throttled };
  };
  // Each third webhook is paused, the throttled ones among them.
  assert.deepEqual(count(10_000), {
    // Each call reads 500 webhooks and deliveries, or one more.
    calls: Math.ceil((2 * WEBHOOKS + MANY) / 500),
    sendable: { count: 1_599, oldestAt: T0 - 2_399 },
    paused: { count: 800, oldestAt: T0 - 2_400 },
    throttled: { count: MANY, oldestAt: T0 - 1 },
  });
  const few = count(10);
  assert.deepEqual(few, {
    calls: few.calls,
    sendable: { count: 10, oldestAt: T0 - 2_399 },
    paused: { count: 10, oldestAt: T0 - 2_400 },
    throttled: { count: 10, oldestAt: T0 - 1 },
  });
});
