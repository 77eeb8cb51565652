import assert from 'node:assert/strict';
import { copyFileSync, existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import type { ReadyDelivery, Settlement } from '../../../domain/delivery.ts';
import type { ServiceError } from '../../../domain/errors.ts';
import { seededRandom, testSeed } from '../../../platform/testing/seeded-random.ts';
import { ALL_DELIVERIES, KEYS, newWebhook, publication, T0, USER } from '../../testing/records.ts';
import { copyDatabase } from '../backup/copy-database.ts';
import { journalFileOf } from '../journal/journal.ts';
import { openSqliteStorage, type SqliteStorage } from '../sqlite-storage.ts';

async function setUp(t: TestContext) {
  const dir = await mkdtemp(join(tmpdir(), 'mediahooks-recovery-'));
  const opened: SqliteStorage[] = [];
  t.after(async () => {
    for (const storage of opened) await storage.close();
    await rm(dir, { recursive: true });
  });
  const open = async (file: string) => {
    const storage = await openSqliteStorage({ file, keys: KEYS });
    opened.push(storage);
    return storage;
  };
  let copies = 0;
  /** Opens what a kill at this moment would leave of a database. */
  const openAfterKill = async (file: string) => {
    const copy = join(dir, `copy-${++copies}.sqlite`);
    for (const suffix of ['', '-wal', '.journal'])
      if (existsSync(file + suffix)) copyFileSync(file + suffix, copy + suffix);
    const storage = await open(copy);
    await storage.queue.releaseStaleClaims(null);
    return { storage, file: copy };
  };
  const file = join(dir, 'live.sqlite');
  const storage = await open(file);
  await storage.queue.releaseStaleClaims(null);
  return { dir, file, storage, open, openAfterKill };
}

/** State and number of attempts of each delivery, by id. */
async function deliveriesIn(storage: SqliteStorage): Promise<Map<string, string>> {
  const { items } = await storage.deliveries.list(USER, null, ALL_DELIVERIES);
  return new Map(items.map(({ id, state, attempts }) => [id, `${state} ${attempts}`]));
}

function settlementOf(
  { seq, webhook, attempts }: ReadyDelivery,
  verdict: Settlement['verdict'],
  at: number,
): Settlement {
  const isGood = verdict.state === 'succeeded';
  const attempt = {
    number: attempts + 1,
    at,
    durationMs: 7,
    status: isGood ? 200 : 500,
    response: 'text',
    error: isGood ? null : 'the receiver answered 500',
    revision: null,
  };
  return { seq, webhookId: webhook.id, attempt, verdict, receiver: isGood ? 'works' : 'fails' };
}

/** Deliveries that are claimed, and the state in which each delivery of the database must be. */
class Model {
  readonly expected = new Map<string, string>();
  readonly claimed = new Map<string, ReadyDelivery>();

  addClaimed(deliveries: readonly ReadyDelivery[]): void {
    for (const delivery of deliveries) {
      assert.ok(!this.claimed.has(delivery.id), `${delivery.id} is claimed twice`);
      this.claimed.set(delivery.id, delivery);
    }
  }

  take(delivery: ReadyDelivery, state: string): void {
    this.claimed.delete(delivery.id);
    this.expected.set(delivery.id, `${state} ${delivery.attempts + 1}`);
  }
}

test('after a kill at any moment, every delivery is as it was when its change was acknowledged', async (t) => {
  await checkRandomSteps(t, { steps: 240, failing: () => undefined });
});

test('so it is when many commits of SQLite fail, and what was refused has changed nothing', async (t) => {
  const { exec } = DatabaseSync.prototype;
  let isFailing = false;
  let failures = 0;
  t.mock.method(DatabaseSync.prototype, 'exec', function (this: DatabaseSync, sql: string) {
    if (sql !== 'commit' || !isFailing) return exec.call(this, sql);
    failures += 1;
    throw Object.assign(new Error('database or disk is full'), { errcode: 13 });
  });
  const failing = (does: boolean) => {
    isFailing = does;
  };
  const { refused, accepted } = await checkRandomSteps(t, { steps: 120, failing });
  assert.ok(failures > 2, `${failures} commits have failed`);
  assert.ok(refused > 10 && accepted > 30, `${refused} steps were refused, ${accepted} were not`);
});

interface RandomSteps {
  readonly steps: number;
  /** Called when the commits of SQLite are to begin to fail, or to succeed again. */
  readonly failing: (does: boolean) => void;
}

async function checkRandomSteps(t: TestContext, { steps: count, failing }: RandomSteps) {
  const seed = testSeed();
  t.diagnostic(`SEED=${seed}`);
  const random = seededRandom(seed);
  const below = (n: number) => Math.floor(random() * n);
  const { file, storage, openAfterKill } = await setUp(t);
  const webhooks = [newWebhook(), newWebhook(), newWebhook()];
  for (const webhook of webhooks) await storage.webhooks.create(webhook, null, null);
  const model = new Model();
  let now = T0;
  let seq = 0;

  const commit = async () => {
    const events = Array.from({ length: 1 + below(4) }, () =>
      publication('file.received', {
        mediaId: `media-${below(6)}`,
        idempotencyKey: random() < 0.3 ? 'same' : null,
      }),
    );
    const { outcomes, ready } = await storage.events.commit(events, now, now);
    for (const outcome of outcomes) {
      if (outcome !== 'committed') continue;
      for (const _ of webhooks) {
        seq += 1;
        model.expected.set(idOf(seq, now), 'pending 0');
      }
    }
    model.addClaimed(ready);
  };
  const settle = async () => {
    const chosen = [...model.claimed.values()].filter(() => random() < 0.5);
    const verdicts = chosen.map((): Settlement['verdict'] => {
      const kind = random();
      if (kind < 0.7) return { state: 'succeeded' };
      return kind < 0.85 ? { state: 'failed' } : { state: 'pending', nextAttemptAt: now + below(3_000) };
    });
    const settlements = chosen.map((each, index) =>
      settlementOf(each, verdicts[index] ?? { state: 'failed' }, now),
    );
    const { promoted } = await storage.queue.settle(settlements, now, null, now);
    for (const [index, each] of chosen.entries()) model.take(each, verdicts[index]?.state ?? '');
    model.addClaimed(promoted);
  };
  const release = async () => {
    const chosen = [...model.claimed.values()].filter(() => random() < 0.3);
    await storage.queue.release(chosen.map((each) => each.seq));
    for (const each of chosen) model.claimed.delete(each.id);
  };
  const claim = async () => {
    const request = { now, limit: 1 + below(20), perWebhook: 100, buffered: [], after: null };
    model.addClaimed((await storage.queue.claim(request)).ready);
  };
  const resend = async () => {
    const ended = [...model.expected].filter(([, state]) => !state.startsWith('pending'));
    const [id, state] = ended[below(ended.length)] ?? [];
    if (id === undefined || state === undefined) return;
    await storage.deliveries.resend(USER, id, { at: now, by: null }, now);
    model.expected.set(id, `pending ${state.split(' ')[1]}`);
  };
  const read = async () => assert.deepEqual(await deliveriesIn(storage), ordered(model.expected));
  const steps = [commit, commit, commit, settle, settle, settle, release, claim, claim, resend, read];

  let refused = 0;
  for (let step = 1; step <= count; step += 1) {
    now += below(400);
    failing(step % 20 < 5);
    try {
      await steps[below(steps.length)]?.();
    } catch (error) {
      assert.equal((error as ServiceError).code, 'storage_full');
      refused += 1;
      // Refusals take no time, and what was undone is repeated only after half a second.
      await setTimeout(50);
    }
    failing(false);
    if (step % 6 !== 0) continue;
    const after = await openAfterKill(file);
    assert.deepEqual(await deliveriesIn(after.storage), ordered(model.expected), `step ${step}`);
    if (step % 18 !== 0) continue;
    // The recovery is itself interrupted by a kill.
    const again = await openAfterKill(after.file);
    assert.deepEqual(await deliveriesIn(again.storage), ordered(model.expected), `again, step ${step}`);
    await assertEachLaneEnds(again.storage, model.expected, now);
  }
  return { refused, accepted: count - refused };
}

/** Sends all that is pending. Each delivery must become ready once. */
async function assertEachLaneEnds(
  storage: SqliteStorage,
  expected: ReadonlyMap<string, string>,
  now: number,
): Promise<void> {
  const pending = [...expected].filter(([, state]) => state.startsWith('pending')).map(([id]) => id);
  const sent: string[] = [];
  const request = { now: now + 10_000, limit: 1_000, perWebhook: 1_000, buffered: [], after: null };
  let ready: readonly ReadyDelivery[] = (await storage.queue.claim(request)).ready;
  while (ready.length > 0) {
    const lanes = ready.map(({ webhook, event }) => `${webhook.id} ${event.mediaId}`);
    assert.equal(new Set(lanes).size, lanes.length, 'one delivery of a lane is ready');
    sent.push(...ready.map(({ id }) => id));
    const settlements = ready.map((each) => settlementOf(each, { state: 'succeeded' }, now));
    ready = (await storage.queue.settle(settlements, now, null, now)).promoted;
  }
  assert.deepEqual(sent.toSorted(), pending.toSorted());
}

function ordered(expected: ReadonlyMap<string, string>): Map<string, string> {
  return new Map([...expected].toSorted(([a], [b]) => seqOf(b) - seqOf(a)));
}

function idOf(seq: number, createdAt: number): string {
  const time = createdAt.toString(16).padStart(12, '0');
  const number = seq.toString(16).padStart(15, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-8000-8${number.slice(0, 3)}-${number.slice(3)}`;
}

function seqOf(id: string): number {
  return Number.parseInt(id.slice(24), 16);
}

test('after a kill, the clock continues from the state in the journal', async (t) => {
  const { dir, file, storage, open } = await setUp(t);
  await storage.webhooks.create(newWebhook(), null, null);
  await storage.queue.saveClock({ at: T0, aheadMs: 0 });
  // The wall clock was set forward by four minutes, and only the journal knows it.
  await storage.events.commit([publication('file.received')], T0 + 240_000, T0);
  const copy = join(dir, 'killed.sqlite');
  for (const suffix of ['', '-wal', '.journal']) copyFileSync(file + suffix, copy + suffix);
  const next = await open(copy);
  assert.deepEqual(await next.queue.savedClock(), { at: T0, aheadMs: -240_000 });
});

test('a backup has what was accepted before it, although SQLite has not committed it', async (t) => {
  const { dir, file, storage, open } = await setUp(t);
  await storage.webhooks.create(newWebhook(), null, null);
  const { ready } = await storage.events.commit(
    [publication('file.received'), publication('file.received')],
    T0,
  );
  await storage.queue.settle([settlementOf(ready[0] as ReadyDelivery, { state: 'succeeded' }, T0)], T0, null);
  const copy = join(dir, 'backup.sqlite');
  await copyDatabase(file, copy);
  const copied = await open(copy);
  assert.deepEqual([...(await deliveriesIn(copied)).values()], [], 'SQLite has committed no delivery yet');
  await copied.queue.releaseStaleClaims(null);
  assert.deepEqual([...(await deliveriesIn(copied)).values()], ['pending 0', 'succeeded 1']);
  await copied.close();
  assert.equal(existsSync(journalFileOf(copy)), false, 'the copy needs no journal');
});
