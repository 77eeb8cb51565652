import assert from 'node:assert/strict';
import { access, readFile } from 'node:fs/promises';
import { test } from 'node:test';

const root = new URL('../../', import.meta.url).pathname;
const text = await readFile(`${root}SECURITY.md`, 'utf8');

/** Returns the rows of the tables that name threats, cell by cell. */
function threats(): string[][] {
  const section =
    text.split('\n## Threats and answers\n')[1]?.split('\n## What an operator must do\n')[0] ?? '';
  const rows = section.split('\n').filter((line) => /^\| (?!threat |---)/.test(line));
  return rows.map((row) =>
    row
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

test('SECURITY.md names tests that exist, or says why a threat has none', async () => {
  const rows = threats();
  assert.ok(rows.length > 40);
  for (const [threat = '', answer = '', shownBy = '', ...more] of rows) {
    assert.ok(threat && answer && more.length === 0, threat);
    const tests = Array.from(shownBy.matchAll(/`([^`]+)`/g), ([, path = '']) => path);
    if (tests.length === 0) assert.match(shownBy, /^not tested: ./, threat);
    for (const path of tests) {
      assert.match(path, /^(src|test)\/.+\.test\.ts$/, threat);
      await access(root + path);
    }
  }
});

test('dependencies have exact versions, and the lock file a checksum for each', async () => {
  for (const folder of ['', 'console/']) {
    const manifest = await readFile(`${root}${folder}package.json`, 'utf8');
    const { dependencies, devDependencies } = JSON.parse(manifest);
    for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
      assert.match(String(version), /^\d+\.\d+\.\d+$/, name);
    }
  }
  const { packages } = JSON.parse(await readFile(`${root}package-lock.json`, 'utf8'));
  for (const [path, { integrity, link }] of Object.entries<{ integrity?: string; link?: boolean }>(
    packages,
  )) {
    const isOurs = link === true || path === '' || path === 'console';
    if (!isOurs) assert.match(integrity ?? '', /^sha512-/, path);
  }
});
