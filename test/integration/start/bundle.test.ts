import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  copyFile,
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';

const root = join(import.meta.dirname, '../../..');

/** Makes a program of one source, and a bundle of it. Returns its folder. */
async function bundledProgram(t: TestContext): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'mediahooks-bundle-'));
  t.after(() => rm(dir, { recursive: true }));
  for (const folder of ['script', 'src/domain', 'node_modules/.bin', 'node_modules/.cache/program/abc']) {
    await mkdir(join(dir, folder), { recursive: true });
  }
  for (const file of ['script/mediahooks', 'script/source-state'])
    await copyFile(join(root, file), join(dir, file));
  await symlink(process.execPath, join(dir, 'node_modules/.bin/node'));
  await writeFile(join(dir, 'package.json'), '{"type": "module"}');
  await writeFile(join(dir, 'src/main.ts'), `console.log('sources');`);
  await writeFile(join(dir, 'src/domain/part.ts'), `export const PART = 1;`);
  await writeFile(join(dir, 'node_modules/.cache/program/abc/main.js'), `console.log('bundle');`);
  const describe = `root='${dir}'; . '${dir}/script/source-state'; source_state; source_content`;
  const sources = execFileSync('/bin/sh', ['-c', describe], { encoding: 'utf8' });
  await writeFile(join(dir, 'node_modules/.cache/program/current'), `abc\n${sources}`);
  return dir;
}

/** Returns from where the program was started. */
const startedFrom = (dir: string) =>
  execFileSync(join(dir, 'script/mediahooks'), { encoding: 'utf8' }).trim();

test('the program is started from its bundle while no source has changed', async (t) => {
  const dir = await bundledProgram(t);
  assert.equal(startedFrom(dir), 'bundle');
  assert.equal(startedFrom(dir), 'bundle');
});

test('a copy of the whole folder is started from its bundle', async (t) => {
  const dir = await bundledProgram(t);
  const copy = `${dir}-copy`;
  t.after(() => rm(copy, { recursive: true }));
  await cp(dir, copy, { recursive: true, verbatimSymlinks: true });
  assert.equal(startedFrom(copy), 'bundle');
});

const CHANGES: Record<string, (dir: string) => Promise<unknown>> = {
  'a changed source': (dir) => writeFile(join(dir, 'src/domain/part.ts'), `export const PART = 22;`),
  'a source of the same size, which seems to be as old': async (dir) => {
    const file = join(dir, 'src/domain/part.ts');
    const { atime, mtime } = await stat(file);
    await writeFile(file, `export const PART = 2;`);
    await utimes(file, atime, mtime);
  },
  'an additional source': (dir) => writeFile(join(dir, 'src/domain/other.ts'), ''),
  'a source less': (dir) => rm(join(dir, 'src/domain/part.ts')),
  'another version': (dir) => writeFile(join(dir, 'package.json'), '{"type": "module", "version": "2.0.0"}'),
  'other packages': (dir) => writeFile(join(dir, 'node_modules/.installed'), '1'),
  'no bundle': (dir) => rm(join(dir, 'node_modules/.cache'), { recursive: true }),
  'a bundle that was removed': (dir) => rm(join(dir, 'node_modules/.cache/program/abc'), { recursive: true }),
};

for (const [name, change] of Object.entries(CHANGES)) {
  test(`with ${name}, the program is started from its sources`, async (t) => {
    const dir = await bundledProgram(t);
    await change(dir);
    assert.equal(startedFrom(dir), 'sources');
  });
}

test('a bundle has every file that the program finds beside its modules', async () => {
  const name = execFileSync(process.execPath, [join(root, 'script/bundle.ts')], { encoding: 'utf8' }).trim();
  const folder = join(root, 'node_modules/.cache/program', name);
  const files = await readdir(folder);
  const beside = new Set<string>();
  for (const file of files.filter((one) => one.endsWith('.js'))) {
    const text = await readFile(join(folder, file), 'utf8');
    for (const [, name = ''] of text.matchAll(/new URL\("(.+?)", import\.meta\.url\)/g)) beside.add(name);
  }
  assert.ok(beside.size >= 5, [...beside].join());
  for (const one of beside) assert.ok(files.includes(one.replace('./', '')), one);
});

/** Source that searches the folders above its own, which leads to the same place from a bundle. */
const SEARCHES_UPWARDS = 'http/console/console-files.ts';

test('no source finds a file in another way than bundles know', async () => {
  const sources = await readdir(join(root, 'src'), { recursive: true });
  for (const file of sources.filter((one) => one.endsWith('.ts') && !/\.test\.ts$|\/testing\//.test(one))) {
    const text = await readFile(join(root, 'src', file), 'utf8');
    const known =
      /new URL\('(?:\.\/)?[\w-]+\.(?:ts|css)', import\.meta\.url\)|createRequire\(import\.meta\.url\)/g;
    const rest = text.replace(known, '');
    const others = file === SEARCHES_UPWARDS ? rest.replace('from = import.meta.dirname', '') : rest;
    assert.doesNotMatch(others, /import\.meta/, file);
  }
});
