import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

const root = new URL('../../', import.meta.url).pathname;
const SECTIONS = ['Added', 'Changed', 'Deprecated', 'Removed', 'Fixed', 'Security'];

test('the newest version of the changelog is that of package.json and its lock file', async () => {
  const changelog = await readFile(`${root}CHANGELOG.md`, 'utf8');
  const versions = Array.from(
    changelog.matchAll(/^## (?!Unreleased$)(.+)$/gm),
    ([, heading = '']) => heading,
  );
  for (const heading of versions) assert.match(heading, /^\d+\.\d+\.\d+ - \d{4}-\d{2}-\d{2}$/);
  const { version } = JSON.parse(await readFile(`${root}package.json`, 'utf8'));
  const lock = JSON.parse(await readFile(`${root}package-lock.json`, 'utf8'));
  assert.deepEqual(
    [versions[0]?.split(' ')[0], lock.version, lock.packages[''].version],
    [version, version, version],
  );
});

test('a version of the changelog has the sections of Keep a Changelog, in their order', async () => {
  const changelog = await readFile(`${root}CHANGELOG.md`, 'utf8');
  for (const version of changelog.split(/^## /m).slice(1)) {
    const sections = Array.from(version.matchAll(/^### (.+)$/gm), ([, section = '']) => section);
    assert.deepEqual(
      sections,
      SECTIONS.filter((section) => sections.includes(section)),
    );
  }
});
