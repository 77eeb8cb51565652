import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { newWebhook } from '../testing/records.ts';
import { KEY_BYTES, KeyRing, keyIdOf, keyIdOfSealed } from './key-ring.ts';
import { SealedCredentials } from './webhook-credentials.ts';

const OLD = randomBytes(KEY_BYTES);
const NEW = randomBytes(KEY_BYTES);

test('a sealed text opens only with its place', () => {
  const ring = new KeyRing([OLD]);
  const sealed = ring.seal('a secret: Grüße 🎬', 'here');
  assert.ok(!sealed.includes('secret'));
  assert.equal(ring.open(sealed, 'here'), 'a secret: Grüße 🎬');
  assert.throws(() => ring.open(sealed, 'there'));
  assert.notEqual(ring.seal('a secret: Grüße 🎬', 'here'), sealed);
});

test('a changed or truncated text does not open', () => {
  const ring = new KeyRing([OLD]);
  const sealed = ring.seal('a secret', 'here');
  const start = sealed.lastIndexOf('.') + 1;
  const bytes = Buffer.from(sealed.slice(start), 'base64');
  for (let at = 0; at < bytes.length; at += 1) {
    const changed = Buffer.from(bytes);
    changed[at] = (changed[at] ?? 0) ^ 1;
    assert.throws(() => ring.open(sealed.slice(0, start) + changed.toString('base64'), 'here'));
    assert.throws(() => ring.open(sealed.slice(0, start) + bytes.subarray(0, at).toString('base64'), 'here'));
  }
  for (const wrong of ['', 'whsec_abc', `2${sealed.slice(1)}`]) {
    assert.throws(() => ring.open(wrong, 'here'), { code: 'ERR_ENCRYPTION_KEY' });
  }
});

test('the first key encrypts, every key decrypts, and a sealed text names its key', () => {
  const before = new KeyRing([OLD]).seal('a secret', 'here');
  const ring = new KeyRing([NEW, OLD]);
  assert.equal(ring.open(before, 'here'), 'a secret');
  assert.equal(keyIdOfSealed(before), keyIdOf(OLD));
  assert.equal(keyIdOfSealed(ring.seal('', 'here')), keyIdOf(NEW));
  assert.throws(() => new KeyRing([NEW]).open(before, 'here'), { code: 'ERR_ENCRYPTION_KEY' });
});

test('a key of another length, or an empty ring, is refused', () => {
  assert.throws(() => new KeyRing([]), /at least one/);
  assert.throws(() => new KeyRing([randomBytes(16)]), /32 bytes/);
});

test("credentials of one webhook don't open as another's, cached ones included", () => {
  const credentials = new SealedCredentials(new KeyRing([OLD]));
  const [one, other] = [newWebhook(), newWebhook({ secret: 'whsec_AAAA', headers: { Authorization: 'b' } })];
  const sealed = credentials.seal(one.id, one);
  const sealedOther = credentials.seal(other.id, other);
  assert.deepEqual(credentials.targetOf(one.id, sealed), { secret: one.secret });
  assert.equal(credentials.targetOf(one.id, sealed), credentials.targetOf(one.id, sealed));
  const target = { secret: 'whsec_AAAA', headers: { Authorization: 'b' } };
  assert.deepEqual(credentials.targetOf(other.id, sealedOther), target);
  assert.deepEqual(credentials.targetOf(one.id, sealedOther), { secret: '' });
  assert.throws(() => credentials.open(one.id, sealedOther));
});
