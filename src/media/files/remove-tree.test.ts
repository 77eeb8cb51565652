import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createLogger } from '../../logging/logger.ts';
import { eventually } from '../../platform/testing/eventually.ts';
import { mediaDir, trashDir } from './media-files.ts';
import { removeTree } from './remove-tree.ts';
import { MediaTrash } from './trash.ts';

async function temporary(t: TestContext): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'mediahooks-trees-'));
  t.after(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

/** Makes a directory with `files` files, and as many in a directory below it. */
async function makeTree(dir: string, files: number): Promise<void> {
  await mkdir(join(dir, 'below'), { recursive: true });
  for (let n = 0; n < files; n += 1) {
    await writeFile(join(dir, `${n}.ts`), 'x');
    await writeFile(join(dir, 'below', `${n}.ts`), 'x');
  }
}

test('a tree, a file and nothing are removed; a link is removed, and what it points to stays', async (t) => {
  const dir = await temporary(t);
  await makeTree(join(dir, 'tree'), 50);
  await makeTree(join(dir, 'outside'), 1);
  await symlink(join(dir, 'outside'), join(dir, 'tree', 'link'));
  await symlink(join(dir, 'outside'), join(dir, 'link'));
  await writeFile(join(dir, 'file'), 'x');
  for (const name of ['tree', 'link', 'file', 'nothing']) await removeTree(join(dir, name));
  assert.deepEqual(await readdir(dir), ['outside']);
  assert.deepEqual((await readdir(join(dir, 'outside'))).toSorted(), ['0.ts', 'below']);
});

test('a removal ends between two files when it is aborted', async (t) => {
  const dir = await temporary(t);
  await makeTree(join(dir, 'tree'), 50);
  const stop = new AbortController();
  stop.abort();
  await assert.rejects(removeTree(join(dir, 'tree'), stop.signal), { name: 'AbortError' });
  assert.ok(existsSync(join(dir, 'tree')));
});

test('while a media with thousands of files is removed, other file operations do not wait behind them', async (t) => {
  const dir = await temporary(t);
  const files = 2_000;
  await makeTree(mediaDir(dir, 'a'), files);
  const trash = new MediaTrash(dir, createLogger('silent'));
  await trash.moveMedia('a');
  assert.ok(!existsSync(mediaDir(dir, 'a')));
  // With all removals at once, the first of these writes would end after the last removal.
  await writeFile(join(dir, 'other'), 'x');
  const [name = ''] = await readdir(trashDir(dir));
  const left = (await readdir(join(trashDir(dir), name))).length;
  assert.ok(left > files / 2, `${left} of ${files} files are left`);
  await trash.stop();
  const after = new MediaTrash(dir, createLogger('silent'));
  await after.empty();
  await eventually(
    'the next start removes the rest',
    async () => (await readdir(trashDir(dir))).length === 0,
  );
  await after.stop();
});
