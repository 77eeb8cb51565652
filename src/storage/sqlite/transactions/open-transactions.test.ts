import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { eventually } from '../../../platform/testing/eventually.ts';
import { measureTurns } from '../../../platform/testing/longest-turn.ts';
import { JoinedTransactions } from './joined-transactions.ts';

/** A journal in memory. The real one has tests of its own. */
class Log {
  readonly texts: string[] = [];
  bytes = 0;
  isBroken = false;

  append(text: string): void {
    if (this.isBroken) throw new Error('the journal can not be written');
    this.texts.push(text);
    this.bytes += text.length;
  }

  restart(): void {
    this.bytes = 0;
  }
}

async function setUp(t: TestContext) {
  const dir = await mkdtemp(join(tmpdir(), 'mediahooks-open-'));
  const connection = new DatabaseSync(join(dir, 'test.sqlite'));
  connection.exec('pragma journal_mode = wal; create table numbers (n integer not null)');
  const other = new DatabaseSync(join(dir, 'test.sqlite'), { timeout: 0 });
  const undone: string[] = [];
  const transactions = new JoinedTransactions(connection, {
    onBegun: () => undefined,
    onTask: () => undefined,
    onUndone: (what) => undone.push(what),
    onCommitting: () => undefined,
    onCommitted: () => undefined,
    onIdle: () => undefined,
    busyTimeoutMs: 300,
  });
  const log = new Log();
  transactions.useLog(log);
  t.after(async () => {
    await transactions.idle();
    connection.close();
    other.close();
    await rm(dir, { recursive: true });
  });
  const insert = (n: number | null) => void connection.prepare('insert into numbers values (?)').run(n);
  const logged = (n: number | null) =>
    transactions.writeLogged({
      work: () => insert(n),
      entry: () => `${n}`,
      repeat: (entry) => insert(JSON.parse(entry)),
    });
  const numbers = (db: DatabaseSync) =>
    db
      .prepare('select n from numbers order by n')
      .all()
      .map(({ n }) => n);
  const committed = () => numbers(other);
  const read = () => transactions.read(() => numbers(connection));
  return { connection, other, transactions, log, undone, insert, logged, committed, read };
}

test('logged tasks are durable in the journal, and SQLite commits them later, together', async (t) => {
  const { log, logged, committed, read } = await setUp(t);
  await Promise.all([logged(1), logged(2)]);
  await logged(3);
  assert.deepEqual(log.texts, ['[1,2]', '[3]']);
  assert.deepEqual(await read(), [1, 2, 3], 'this connection sees them');
  assert.deepEqual(committed(), []);
  await eventually('SQLite commits', async () => committed().length > 0);
  assert.deepEqual(committed(), [1, 2, 3]);
  assert.equal(log.bytes, 0, 'the journal begins again');
});

test('a write, and work between two transactions, find the logged tasks before them committed', async (t) => {
  const { connection, transactions, insert, logged, committed } = await setUp(t);
  await logged(1);
  await transactions.write(() => insert(2));
  assert.deepEqual(committed(), [1, 2]);
  await logged(3);
  assert.equal(await transactions.between(() => connection.isTransaction), false);
  assert.deepEqual(committed(), [1, 2, 3]);
  await logged(4);
  await transactions.commit();
  assert.deepEqual(committed(), [1, 2, 3, 4]);
});

test('a task that fails is neither kept nor in the journal', async (t) => {
  const { transactions, log, logged, undone, committed } = await setUp(t);
  const ends = await Promise.allSettled([logged(1), logged(null), logged(2)]);
  assert.deepEqual(
    ends.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
  assert.deepEqual(log.texts, ['[1,2]']);
  assert.deepEqual(undone, ['task']);
  await transactions.commit();
  assert.deepEqual(committed(), [1, 2]);
});

test('tasks that need not be durable are in no journal, and are seen with the others', async (t) => {
  const { transactions, log, insert, read } = await setUp(t);
  await transactions.writeVolatile(() => insert(1));
  assert.deepEqual(log.texts, []);
  assert.deepEqual(await read(), [1]);
});

test('if the journal can not be written, SQLite commits at once', async (t) => {
  const { log, logged, committed } = await setUp(t);
  log.isBroken = true;
  await logged(1);
  assert.deepEqual(committed(), [1]);
});

test('what an error of SQLite has undone is repeated, and nothing new is accepted until it is committed', async (t) => {
  const { connection, transactions, log, undone, logged, committed, read } = await setUp(t);
  // The commit fails while the parent is missing. The statements do not.
  connection.exec(`create table parents (n integer primary key);
    create table children (n integer references parents deferrable initially deferred)`);
  let runs = 0;
  const insertChild = (n: number) => {
    runs += 1;
    connection.prepare('insert into children values (?)').run(n);
  };
  await transactions.writeLogged({
    work: () => insertChild(7),
    entry: () => '7',
    repeat: (entry) => insertChild(JSON.parse(entry)),
  });
  await logged(1);
  await eventually('a commit fails', async () => undone.includes('transaction'));
  const before = runs;
  const startedAt = performance.now();
  for (let n = 0; n < 100; n += 1) await assert.rejects(logged(2), /FOREIGN KEY/);
  const repeats = 1 + (performance.now() - startedAt) / 500;
  assert.ok(runs - before <= repeats, 'refusals repeat nothing');
  assert.equal(transactions.hasUndone, true);
  let seen: unknown[] = [];
  await eventually('what was accepted is seen again', async () => {
    seen = await read();
    return seen.length > 0;
  });
  assert.deepEqual(seen, [1]);
  assert.deepEqual(log.texts, ['[7]', '[1]']);
  await assert.rejects(
    transactions.write(() => undefined),
    /FOREIGN KEY/,
  );
  assert.ok(runs > 1);
  // The parent makes the commit possible, and is committed together with the repeated tasks.
  const mend = () => void connection.prepare('insert into parents values (7)').run();
  await eventually('it is committed', () =>
    transactions.write(mend).then(
      () => true,
      () => false,
    ),
  );
  assert.equal(transactions.hasUndone, false);
  await logged(3);
  await transactions.commit();
  assert.deepEqual(committed(), [1, 3]);
});

test('a lock of another process undoes nothing that was committed before', async (t) => {
  const { other, transactions, undone, logged, committed } = await setUp(t);
  await logged(1);
  await transactions.commit();
  other.exec('begin immediate');
  await assert.rejects(logged(2), /locked/);
  other.exec('rollback');
  assert.deepEqual(undone, []);
  await logged(3);
  await transactions.commit();
  assert.deepEqual(committed(), [1, 3]);
});

test('another process gets the lock soon, although one transaction follows the other', async (t) => {
  const { other, transactions, logged } = await setUp(t);
  let isOver = false;
  let n = 0;
  const load = (async () => {
    while (!isOver) {
      n += 1;
      await logged(n);
      if (n % 20 === 0) void transactions.commit();
    }
  })();
  const waiting = new JoinedTransactions(other, {
    onBegun: () => undefined,
    onTask: () => undefined,
    onUndone: () => undefined,
    onCommitting: () => undefined,
    onCommitted: () => undefined,
    onIdle: () => undefined,
    busyTimeoutMs: 5_000,
  });
  await waiting.write(() => void other.prepare('insert into numbers values (-1)').run());
  isOver = true;
  await load;
});

/** Uses processor time of this thread. */
function useProcessor(ms: number): void {
  const before = process.threadCpuUsage();
  for (let used = before; used.user + used.system - before.user - before.system < 1_000 * ms; )
    used = process.threadCpuUsage();
}

test('many undone tasks are repeated over several turns, and count as undone until the last one', async (t) => {
  const { connection, other, transactions, undone } = await setUp(t);
  connection.exec(`create table parents (n integer primary key);
    create table children (n integer references parents deferrable initially deferred)`);
  const tasks = 40;
  let repeated = 0;
  for (let n = 0; n < tasks; n += 1)
    await transactions.writeLogged({
      work: () => connection.prepare('insert into children values (?)').run(7),
      entry: () => '7',
      repeat: (entry) => {
        useProcessor(5);
        connection.prepare('insert into children values (?)').run(JSON.parse(entry));
        repeated += 1;
      },
    });
  await eventually('a commit fails', async () => undone.includes('transaction'));
  const longest = measureTurns();
  const sawPart: boolean[] = [];
  const isPart = () => repeated % tasks > 0;
  const watch = setInterval(() => isPart() && sawPart.push(transactions.hasUndone), 1);
  await eventually('all are repeated', async () => {
    await transactions.read(() => undefined);
    return repeated >= tasks;
  });
  clearInterval(watch);
  const ms = longest();
  assert.ok(ms < 50, `a turn took ${ms.toFixed(1)} ms`);
  assert.ok(sawPart.length > 0);
  assert.ok(!sawPart.includes(false));
  // Between two transactions, another program ends the cause of the failure.
  const mend = async () => other.exec('insert into parents values (7)');
  const succeeds = (work: Promise<void>) =>
    work.then(
      () => true,
      () => false,
    );
  await eventually('the cause is gone', () => succeeds(mend()));
  await eventually('all are committed', () => succeeds(transactions.commit()));
  assert.equal(transactions.hasUndone, false);
});
