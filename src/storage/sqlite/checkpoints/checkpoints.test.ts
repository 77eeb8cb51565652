import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { Checkpoints } from './checkpoints.ts';
import { Copier } from './copier.ts';

const PAGE_BYTES = 4_096;
/** Pages that a log must have to be copied while calls wait. */
const BUSY_PAGES = 16_384;

interface Length {
  readonly log: number;
  readonly checkpointed: number;
}

async function setUp(t: TestContext) {
  const dir = await mkdtemp(join(tmpdir(), 'mediahooks-checkpoints-'));
  const file = join(dir, 'test.sqlite');
  const connection = new DatabaseSync(file);
  connection.exec('pragma journal_mode = wal; pragma synchronous = off; pragma wal_autocheckpoint = 0');
  connection.exec('create table blobs (bytes blob)');
  const length = () => connection.prepare('pragma wal_checkpoint(noop)').get() as unknown as Length;
  /** Numbers of pages that this thread has copied, one for each time. */
  const copiedHere: number[] = [];
  const prepare = (sql: string) => {
    const statement = connection.prepare(sql);
    if (!sql.includes('passive')) return statement;
    const get = () => {
      const { log, checkpointed } = length();
      copiedHere.push(log - checkpointed);
      return statement.get();
    };
    return Object.assign(Object.create(statement), { get });
  };
  const write = (pages: number) =>
    void connection.prepare('insert into blobs values (zeroblob(?))').run(pages * PAGE_BYTES);
  const checkpoints = new Checkpoints({ file, prepare, between: async (work) => work() });
  t.after(async () => {
    await checkpoints.close();
    connection.close();
    await rm(dir, { recursive: true });
  });
  return { file, connection, checkpoints, length, write, copiedHere };
}

/** Waits until the log begins again. Commits one page after the other meanwhile. */
async function writeUntilCopied({ checkpoints, length, write }: Awaited<ReturnType<typeof setUp>>) {
  for (let n = 0, { log } = length(); n < 10_000 && length().log >= log; n += 1) {
    await delay(1);
    write(1);
    checkpoints.copyIfLong(true);
  }
}

test('the thread that commits copies no more than a short rest of a long log', async (t) => {
  const context = await setUp(t);
  const { checkpoints, length, write, copiedHere } = context;
  write(BUSY_PAGES - 100);
  checkpoints.copyIfLong(true);
  await writeUntilCopied(context);
  assert.ok(length().log < 1_000, `the log has ${length().log} pages`);
  // Allows more than usual, because other processes can keep the copier from its work.
  assert.ok(Math.max(0, ...copiedHere) < 1_000, `${copiedHere} pages were copied by this thread`);
});

test('a log of which somebody reads an older state is copied as far as possible, and again when more is written', async (t) => {
  const context = await setUp(t);
  const { file, checkpoints, length, write } = context;
  const reader = new DatabaseSync(file);
  t.after(() => reader.close());
  write(10);
  reader.exec('begin');
  reader.prepare('select count(*) from blobs').get();
  write(2_000);
  checkpoints.copyIfLong(false);
  await checkpoints.close();
  assert.ok(length().checkpointed < 100, `${length().checkpointed} pages are copied`);
  reader.exec('commit');
  const again = new Checkpoints({
    file,
    prepare: (sql) => context.connection.prepare(sql),
    between: async (work) => work(),
  });
  again.copyIfLong(false);
  await again.close();
  assert.equal(length().checkpointed, length().log);
});

test('a copier whose thread can not work fulfils its copies, and starts the thread again', async (t) => {
  const { file, length, write } = await setUp(t);
  const broken = new Copier(join(file, 'none'));
  await broken.copy();
  await broken.copy();
  await broken.close();
  const copier = new Copier(file, 1);
  t.after(() => copier.close());
  for (let n = 0; n < 2; n += 1) {
    write(50);
    await copier.copy();
    assert.equal(length().checkpointed, length().log);
    // The thread ends by itself after a millisecond, before or during the next copy.
    await delay(5);
  }
});
