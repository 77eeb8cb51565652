import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Journal, JournalError, readJournal } from './journal.ts';

const STATE = { key: 4_000_000_000, applied: 41 };

async function setUp(t: TestContext) {
  const dir = await mkdtemp(join(tmpdir(), 'mediahooks-journal-'));
  t.after(() => rm(dir, { recursive: true }));
  const file = join(dir, 'test.sqlite.journal');
  const journal = Journal.begin(file, STATE);
  t.after(() => journal.close({ remove: false }));
  return { file, journal };
}

test('what was appended is read again, without the frames that the database contains', async (t) => {
  const { file, journal } = await setUp(t);
  assert.deepEqual(readJournal(file, STATE), [], 'there is no file yet');
  for (const text of ['["ä\u2028"]', '[]', `["${'x'.repeat(3_000_000)}"]`]) journal.append(text);
  assert.equal(journal.number, 44);
  const texts = readJournal(file, STATE);
  assert.deepEqual(
    texts.map((text) => text.length),
    [6, 2, 3_000_004],
  );
  assert.equal(texts[0], '["ä\u2028"]');
  assert.deepEqual(readJournal(file, { ...STATE, applied: 42 }), texts.slice(1));
  assert.deepEqual(readJournal(file, { ...STATE, applied: 44 }), []);
});

test('after a new beginning, older frames behind the last one are not read', async (t) => {
  const { file, journal } = await setUp(t);
  for (let number = 42; number < 52; number += 1) journal.append(`[${number}]`);
  journal.restart();
  assert.equal(journal.bytes, 0);
  // The new frames have the size of the old ones, so that the old ones behind them are whole.
  for (let number = 52; number < 55; number += 1) journal.append(`[${number}]`);
  assert.deepEqual(readJournal(file, { ...STATE, applied: 51 }), ['[52]', '[53]', '[54]']);
});

test('a journal that is cut or has a wrong bit at any place is read up to there', async (t) => {
  const { file, journal } = await setUp(t);
  const ends: number[] = [];
  for (const text of ['["one"]', '["two"]', '["three"]']) {
    journal.append(text);
    ends.push(journal.bytes);
  }
  const whole = readFileSync(file).subarray(0, journal.bytes);
  const damaged = `${file}.damaged`;
  const complete = (bytes: number) => ends.filter((end) => end <= bytes).length;
  for (let at = 0; at < whole.length; at += 1) {
    writeFileSync(damaged, whole.subarray(0, at));
    assert.equal(readJournal(damaged, STATE).length, complete(at), `cut at ${at}`);
    for (const bit of [1, 0x80]) {
      const changed = Buffer.from(whole);
      changed[at] = (changed[at] ?? 0) ^ bit;
      writeFileSync(damaged, changed);
      assert.equal(readJournal(damaged, STATE).length, complete(at), `a wrong bit at ${at}`);
    }
  }
});

test('the journal of another database, or of another time of this one, is refused', async (t) => {
  const { file, journal } = await setUp(t);
  journal.append('[1]');
  assert.throws(() => readJournal(file, { ...STATE, key: 7 }), /belongs to another database/);
  const error = { name: 'Error', message: /begins with change 42, and the database ends with change 39/ };
  assert.throws(() => readJournal(file, { ...STATE, applied: 39 }), error);
  assert.throws(() => readJournal(file, { ...STATE, applied: 39 }), JournalError);
});

test('a frame that could not be synced has a number that no other frame gets', async (t) => {
  const { file } = await setUp(t);
  let isBroken = false;
  const journal = Journal.begin(file, STATE, () => {
    if (isBroken) throw Object.assign(new Error('EIO'), { code: 'EIO' });
  });
  t.after(() => journal.close({ remove: false }));
  journal.append('["one"]');
  isBroken = true;
  const before = journal.bytes;
  assert.throws(() => journal.append('["two"]'), { code: 'EIO' });
  assert.equal(journal.bytes, before);
  assert.deepEqual(readJournal(file, STATE), ['["one"]'], 'a refused change is not repeated');
  assert.equal(journal.number, 43, 'SQLite commits its changes with this number');
  isBroken = false;
  journal.restart();
  journal.append('["three"]');
  assert.deepEqual(readJournal(file, { ...STATE, applied: 43 }), ['["three"]']);
});

test('a journal that can not be written says so, and goes on where it was', async (t) => {
  const { file, journal } = await setUp(t);
  journal.append('[42]');
  const elsewhere = Journal.begin(join(file, 'no-folder'), STATE);
  assert.throws(() => elsewhere.append('[1]'), { code: 'ENOTDIR' });
  assert.equal(elsewhere.number, STATE.applied);
  journal.append('[43]');
  assert.deepEqual(readJournal(file, STATE), ['[42]', '[43]']);
  journal.close({ remove: true });
  assert.equal(existsSync(file), false);
});
