import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SETTINGS } from '../../src/config.ts';
import { ERRORS } from '../../src/errors.ts';
import { tableRows } from '../support/documentation.ts';

test('docs/api.md lists every error code with its status, and no other', async () => {
  const rows = await tableRows('api.md', /^\| `\w+` \| \d{3} /);
  const expected = Object.entries(ERRORS).map(([code, { status, retryable }]) => [
    `\`${code}\``,
    String(status),
    retryable ? 'yes' : 'no',
  ]);
  assert.deepEqual(
    rows.map((row) => row.slice(0, 3)),
    expected,
  );
  for (const row of rows) assert.ok((row[3]?.length ?? 0) > 0, `${row[0]} has no explanation`);
});

test('docs/operating.md lists every setting with its default and description, and no other', async () => {
  const rows = await tableRows('operating.md', /^\| `MEDIAHOOKS_/);
  const expected = Object.entries(SETTINGS).map(([name, setting]) => [
    `\`${name}\``,
    setting.default === '' ? '' : `\`${setting.default}\``,
    setting.description,
  ]);
  assert.deepEqual(rows, expected);
});
