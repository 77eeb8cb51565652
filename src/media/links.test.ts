import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openLinkKey } from './link-key.ts';
import { MediaLinks } from './links.ts';

const ID = '0198f3a0-0000-7000-8000-000000000001';
const OTHER = '0198f3a0-0000-7000-8000-000000000002';
const key = Buffer.alloc(32, 7);

function linksAt(now: number, of: { key: Buffer } = { key }) {
  return new MediaLinks({ key: of.key, ttlMs: 3_600_000, now: () => now });
}

test('tokens that are made within a minute are the same', () => {
  assert.equal(linksAt(0).tokenFor(ID), '3600.8N9yWM93LO1jH4-1Jh2K8cg-04JjbpZtUHJxWUjN1IA');
  assert.equal(linksAt(1).tokenFor(ID), linksAt(60_000).tokenFor(ID));
});

test('a token is valid until it expires, for its media alone', () => {
  const token = linksAt(0).tokenFor(ID);
  assert.equal(linksAt(0).check(ID, token), 'valid');
  assert.equal(linksAt(3_599_999).check(ID, token), 'valid');
  assert.equal(linksAt(3_600_000).check(ID, token), 'expired');
  assert.equal(linksAt(0).check(OTHER, token), 'invalid');
  assert.equal(linksAt(0, { key: Buffer.alloc(32, 8) }).check(ID, token), 'invalid');
});

test('a token that was changed anywhere is invalid, before and after its expiry', () => {
  const token = linksAt(0).tokenFor(ID);
  const [, signature = ''] = token.split('.');
  const changed = Array.from(token, (_, at) => {
    const other = token[at] === '1' ? '2' : '1';
    return token.slice(0, at) + other + token.slice(at + 1);
  });
  const odd = ['', '.', '3600', '3600.', `.${signature}`, `03600.${signature}`, `${token}=`, `${token}A`];
  const more = [
    `9999999.${signature}`,
    `-1.${signature}`,
    `3600.0.${signature}`,
    ` ${token}`,
    token.slice(0, -1),
  ];
  for (const text of [...changed, ...odd, ...more]) {
    assert.equal(linksAt(0).check(ID, text), 'invalid', text);
    assert.equal(linksAt(9e12).check(ID, text), 'invalid', text);
  }
});

test('the key is made once and readable by its owner alone; a damaged key is refused', async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'link-key-'));
  t.after(() => rm(dir, { recursive: true }));
  const file = join(dir, 'link-key');
  const made = await openLinkKey(file);
  const again = await openLinkKey(file);
  assert.ok(made.equals(again));
  assert.equal(again.length, 32);
  assert.equal((await stat(file)).mode & 0o777, 0o600);
  assert.deepEqual(await readdir(dir), ['link-key']);
  await writeFile(file, (await readFile(file, 'utf8')).slice(0, 20));
  await assert.rejects(openLinkKey(file), /is damaged: expected 32 bytes, got 15/);
});
