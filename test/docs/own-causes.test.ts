import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { OWN_CODES } from '../../src/delivery/attempt/own-cause.ts';

test('docs/operating/own-causes.md lists the error codes that have a cause on our own side', async () => {
  const text = await readFile(new URL('../../docs/operating/own-causes.md', import.meta.url), 'utf8');
  const listed = Array.from(text.matchAll(/^\| `(\w+)` \| ([a-z ]+) \|/gm), ([, code, cause]) => [
    code,
    cause,
  ]);
  assert.deepEqual(Object.fromEntries(listed), OWN_CODES);
});
