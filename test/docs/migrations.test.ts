import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { migrations } from '../../src/storage/migrations/migrations.ts';

const folder = new URL('../../src/storage/migrations/', import.meta.url).pathname;
/** Paths of all migrations by their file names, in order. The first ten have a folder of their own. */
const paths = new Map(
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /^\d.*(?<!\.test)\.ts$/.test(entry.name))
    .map(({ name, parentPath }) => [name, join(parentPath, name)] as const)
    .toSorted(([a], [b]) => (a < b ? -1 : 1)),
);
const files = [...paths.keys()];
const textOf = (name: string) => readFileSync(paths.get(name) ?? '', 'utf8');

test('a migration never changes after it was added: its checksum is pinned', () => {
  const pinned = readFileSync(join(folder, 'checksums.txt'), 'utf8');
  const actual = files.map((name) => {
    const checksum = createHash('sha256').update(textOf(name)).digest('hex');
    return `${checksum}  ${name}\n`;
  });
  assert.equal(
    actual.join(''),
    pinned,
    'add another migration instead of changing one; pin a new one by `sha256sum 0002-name.ts >> checksums.txt`',
  );
});

test('migrations are numbered from 0001 without a gap, and each is listed in migrations.ts', async () => {
  for (const [index, name] of files.entries()) {
    const number = String(index + 1).padStart(4, '0');
    assert.match(name, /^\d{4}-[a-z0-9]+(-[a-z0-9]+)*\.ts$/);
    assert.equal(name.slice(0, 4), number, `${name} has a number that is taken or too large`);
  }
  const listed = Object.keys(await migrations.getMigrations());
  assert.deepEqual(
    listed,
    files.map((name) => name.replace('.ts', '')),
  );
});

test('a migration imports only Kysely, so that nothing outside of its file can change what it does', () => {
  for (const name of files) {
    const text = textOf(name);
    const imported = Array.from(
      text.matchAll(/\bfrom '([^']+)'|\bimport\('([^']+)'\)/g),
      (match) => match[1],
    );
    assert.deepEqual(
      imported.filter((module) => !module?.startsWith('kysely')),
      [],
      name,
    );
  }
});
