import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { migrations } from '../../src/storage/migrations/migrations.ts';

const folder = new URL('../../src/storage/migrations/', import.meta.url).pathname;
const files = readdirSync(folder)
  .filter((name) => /^\d.*(?<!\.test)\.ts$/.test(name))
  .sort();

test('a migration never changes after it was added: its checksum is pinned', () => {
  const pinned = readFileSync(join(folder, 'checksums.txt'), 'utf8');
  const actual = files.map((name) => {
    const checksum = createHash('sha256')
      .update(readFileSync(join(folder, name)))
      .digest('hex');
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
    const text = readFileSync(join(folder, name), 'utf8');
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
