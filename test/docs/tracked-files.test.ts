import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const root = new URL('../../', import.meta.url).pathname;

/** Entries of the repository's first page. A file that a program has left behind is not among them. */
const FIRST_PAGE = [
  ...['.ci', '.gitignore', 'CHANGELOG.md', 'CONTRIBUTING.md', 'LICENSE', 'README.md', 'SECURITY.md'],
  ...['bench', 'biome.json', 'console', 'demo', 'docs', 'findings', 'package-lock.json', 'package.json'],
  ...['script', 'src', 'test', 'tsconfig.json'],
];
/** Maximum number of bytes of a file, so that a clone stays small. */
const MAX_BYTES = 400_000;

const isClone = existsSync(join(root, '.git'));
const skip = isClone ? false : 'this is no clone of the repository';
const tracked = isClone ? execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' }) : '';
const files = tracked.split('\0').filter((file) => file !== '' && existsSync(join(root, file)));

test('the first page of the repository lists what it should, and nothing else', { skip }, () => {
  const entries = new Set(files.map((file) => file.split('/')[0]));
  assert.deepEqual([...entries].toSorted(), FIRST_PAGE.toSorted());
});

test('no file of the repository is large', { skip }, () => {
  const large = files.filter((file) => statSync(join(root, file)).size > MAX_BYTES);
  assert.deepEqual(large, []);
});
