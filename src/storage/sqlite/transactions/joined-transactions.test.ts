import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { JoinedTransactions } from './joined-transactions.ts';

async function setUp(t: TestContext) {
  const dir = await mkdtemp(join(tmpdir(), 'mediahooks-joined-'));
  const connection = new DatabaseSync(join(dir, 'test.sqlite'));
  connection.exec('pragma journal_mode = wal; create table numbers (n integer not null)');
  const other = new DatabaseSync(join(dir, 'test.sqlite'));
  t.after(async () => {
    connection.close();
    other.close();
    await rm(dir, { recursive: true });
  });
  let begun = 0;
  let idle = 0;
  const transactions = new JoinedTransactions(connection, {
    onBegun: () => {
      begun += 1;
    },
    onTask: () => undefined,
    onUndone: () => undefined,
    onCommitting: () => undefined,
    onCommitted: () => undefined,
    onIdle: () => {
      idle += 1;
    },
    busyTimeoutMs: 0,
  });
  const insert = (n: number | null) => connection.prepare('insert into numbers values (?)').run(n);
  /** Rows that another process sees: only committed ones. */
  const committed = () =>
    other
      .prepare('select n from numbers order by n')
      .all()
      .map(({ n }) => n);
  return { connection, transactions, insert, committed, begun: () => begun, idle: () => idle };
}

test('concurrent transactions share one commit, for which each of them waits', async (t) => {
  const { transactions, insert, committed, begun } = await setUp(t);
  const seen: unknown[] = [];
  const all = [1, 2, 3].map(async (n) => {
    await transactions.write(() => void insert(n));
    seen.push(committed());
  });
  await Promise.all(all);
  assert.equal(begun(), 1);
  assert.deepEqual(seen, [
    [1, 2, 3],
    [1, 2, 3],
    [1, 2, 3],
  ]);
});

test('a transaction that throws is undone alone, and the others are committed', async (t) => {
  const { transactions, insert, committed, begun } = await setUp(t);
  const ends = await Promise.allSettled([
    transactions.write(() => void insert(1)),
    transactions.write(async () => {
      insert(2);
      await Promise.resolve();
      insert(null);
    }),
    transactions.write(() => void insert(3)),
  ]);
  assert.deepEqual(
    ends.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled'],
  );
  assert.deepEqual(committed(), [1, 3]);
  assert.equal(begun(), 1);
});

test('a commit that fails rejects and undoes all of its transactions', async (t) => {
  const { connection, transactions, insert, committed } = await setUp(t);
  connection.exec('pragma max_page_count = 3');
  const fill = () => {
    for (let n = 0; n < 10_000; n += 1) insert(n);
  };
  const ends = await Promise.allSettled([
    transactions.write(() => void insert(-1)),
    transactions.write(fill),
    transactions.write(() => void insert(-2)),
  ]);
  assert.deepEqual(
    ends.map(({ status }) => status),
    ['rejected', 'rejected', 'rejected'],
  );
  assert.deepEqual(committed(), []);
  await transactions.write(() => void insert(7));
  assert.deepEqual(committed(), [7]);
});

test('a read sees all earlier writes, and nothing that is not committed', async (t) => {
  const { transactions, insert, committed } = await setUp(t);
  const first = transactions.write(() => void insert(1));
  const read = transactions.read(() => committed());
  const second = transactions.write(() => void insert(2));
  assert.deepEqual(await read, [1]);
  await Promise.all([first, second]);
  assert.deepEqual(committed(), [1, 2]);
});

test('onIdle is called when no task waits, and not between two commits', async (t) => {
  const { transactions, insert, begun, idle } = await setUp(t);
  const seen: number[] = [];
  const first = transactions.write(() => void insert(1)).then(() => transactions.write(() => void insert(2)));
  const rest = Array.from({ length: 40 }, (_, n) =>
    transactions.write(() => void insert(n)).then(() => seen.push(idle())),
  );
  await Promise.all([first, ...rest]);
  assert.ok(begun() > 2);
  assert.deepEqual(new Set(seen), new Set([0]));
  await transactions.idle();
  assert.equal(idle(), 1);
});

test('transactions that take long together do not share one commit', async (t) => {
  const { transactions, insert, committed, begun } = await setUp(t);
  const takeLong = (n: number) => {
    insert(n);
    for (const endAt = performance.now() + 20; performance.now() < endAt; );
  };
  const seen: number[] = [];
  const all = [1, 2, 3, 4, 5, 6].map(async (n) => {
    await transactions.write(() => takeLong(n));
    seen.push(committed().length);
  });
  await Promise.all(all);
  assert.ok(begun() >= 3, `${begun()} commits`);
  // The order stays, and each transaction is durable when its promise fulfils.
  assert.ok(seen.every((count, index) => count > index));
  assert.equal(committed().length, 6);
});

test('a commit that fails fails the transactions that share it, and no others', async (t) => {
  const { connection, transactions, insert, committed } = await setUp(t);
  connection.exec(`create table parents (n integer primary key);
    create table children (n integer references parents deferrable initially deferred)`);
  // The commit fails, because the parent is missing; the statement itself does not.
  const refer = () => {
    connection.exec('insert into children values (1)');
    for (const endAt = performance.now() + 40; performance.now() < endAt; );
  };
  const ends = await Promise.allSettled([
    transactions.write(refer),
    transactions.write(() => void insert(2)),
  ]);
  assert.deepEqual(
    ends.map(({ status }) => status),
    ['rejected', 'fulfilled'],
  );
  assert.deepEqual(committed(), [2]);
});
