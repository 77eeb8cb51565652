import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { writePrivateFile } from './durable-files.ts';

async function folderOf(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'mediahooks-files-'));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}

test('of many callers that create a file at once one succeeds, all read its text, and no draft is left', async (t) => {
  const folder = await folderOf(t);
  const file = join(folder, 'key');
  const texts = Array.from({ length: 20 }, (_, n) => `${n} `.repeat(1_000));
  const made = await Promise.all(
    texts.map(async (text) => ({ text, isMade: await writePrivateFile(file, text, 'kept') })),
  );
  const winners = made.filter(({ isMade }) => isMade);
  assert.deepEqual(
    winners.map(({ text }) => text),
    [await readFile(file, 'utf8')],
  );
  assert.deepEqual(await readdir(folder), ['key']);
  assert.equal((await stat(file)).nlink, 1);
});

test('a file is replaced as a whole, and only its owner can read it', async (t) => {
  const file = join(await folderOf(t), 'key');
  assert.equal(await writePrivateFile(file, 'one', 'kept'), true);
  assert.equal(await writePrivateFile(file, 'two', 'kept'), false);
  assert.equal(await readFile(file, 'utf8'), 'one');
  assert.equal(await writePrivateFile(file, 'two', 'replaced'), true);
  assert.equal(await readFile(file, 'utf8'), 'two');
  assert.equal((await stat(file)).mode & 0o777, 0o600);
});
