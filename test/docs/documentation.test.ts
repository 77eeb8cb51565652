import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { SETTING_AREAS, SETTINGS } from '../../src/config/settings.ts';
import { REFUSED_PORTS } from '../../src/delivery/egress/ports.ts';
import { AUDIT_ACTIONS } from '../../src/domain/audit.ts';
import { ERRORS, type ErrorCode } from '../../src/domain/errors.ts';
import { ERROR_STATUS } from '../../src/http/error-status.ts';
import { sectionRows, tableRows } from '../support/docs/documentation.ts';

test('docs/reference/errors.md lists every error code with its status, and no other', async () => {
  const rows = await tableRows('reference/errors.md', /^\| `\w+` \| \d{3} /);
  const expected = Object.entries(ERRORS).map(([code, { retryable }]) => [
    `\`${code}\``,
    String(ERROR_STATUS[code as ErrorCode]),
    retryable ? 'yes' : 'no',
  ]);
  assert.deepEqual(
    rows.map((row) => row.slice(0, 3)),
    expected,
  );
  for (const row of rows) assert.ok((row[3]?.length ?? 0) > 0, `${row[0]} has no explanation`);
});

test('docs/reference/audit-log.md lists every action that is recorded, and no other', async () => {
  const rows = await tableRows('reference/audit-log.md', /^\| `\w+\.\w+`/);
  const listed = rows.flatMap(([actions = '']) => actions.split(', '));
  const expected = Object.keys(AUDIT_ACTIONS).map((action) => `\`${action}\``);
  assert.deepEqual(listed.toSorted(), expected.toSorted());
  for (const row of rows) assert.ok((row[1]?.length ?? 0) > 0, `${row[0]} has no explanation`);
});

test('docs/operating/settings.md lists every setting of each area with its default and description, and no other', async () => {
  const sections = await sectionRows('operating/settings.md', /^\| `MEDIAHOOKS_/);
  const expected = SETTING_AREAS.map(({ title, settings }) => ({
    title,
    rows: Object.entries(settings).map(([name, setting]) => [
      `\`${name}\``,
      setting.default === '' ? '' : `\`${setting.default}\``,
      setting.description,
    ]),
  }));
  assert.deepEqual(sections, expected);
  const names = SETTING_AREAS.flatMap(({ settings }) => Object.keys(settings));
  assert.deepEqual(names, Object.keys(SETTINGS));
});

test('docs/operating/settings.md names every secret that can be in a file of its own, and no other', async () => {
  const text = await readFile(new URL('../../docs/operating/settings.md', import.meta.url), 'utf8');
  const [, sentence = ''] = /\*\*Secrets in files of their own\.\*\* For (.+?), add/s.exec(text) ?? [];
  const named = Array.from(sentence.matchAll(/`(\w+)`/g), ([, name]) => name);
  const secrets = Object.entries(SETTINGS).filter(([, { isSecret }]) => isSecret);
  assert.deepEqual(named.toSorted(), secrets.map(([name]) => name).toSorted());
});

test('docs/operating/egress.md lists every port that is refused by default, and no other', async () => {
  const text = await readFile(new URL('../../docs/operating/egress.md', import.meta.url), 'utf8');
  const [, list = ''] = /are\s+refused by default:\s([\d,\s-]+)\./.exec(text) ?? [];
  const listed = list.split(',').flatMap((part) => {
    const [from = Number.NaN, to = from] = part.split('-').map(Number);
    return Array.from({ length: to - from + 1 }, (_, index) => from + index);
  });
  assert.deepEqual(listed, REFUSED_PORTS);
});
