import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import { test } from 'node:test';
import { generateApiKey, isExpired, secretMatches } from './api-key-secrets.ts';

const T0 = 1_767_225_600_000;

const generate = (ttl = 0) =>
  generateApiKey({ userId: 'an-account', name: 'a key', type: 'full_access', ttl, now: T0 });

test('only the SHA-256 of a secret is stored, and its first eight characters', () => {
  const { key, secret } = generate();
  assert.equal(key.secretHash, crypto.hash('sha256', secret, 'hex'));
  assert.equal(key.truncatedSecret, `${secret.slice(0, 8)}…`);
  for (const [field, value] of Object.entries(key)) {
    assert.ok(!String(value).includes(secret.slice(0, 9)), field);
  }
});

test('each key has a random public half of 16 bytes, and a random secret of 32 bytes', () => {
  const made = Array.from({ length: 100 }, () => generate());
  for (const { key, secret } of made) {
    assert.equal(Buffer.from(secret, 'base64url').length, 32);
    assert.equal(Buffer.from(key.publicKey, 'base64url').length, 16);
  }
  assert.equal(new Set(made.flatMap(({ key, secret }) => [key.publicKey, secret])).size, 200);
});

test('only the whole secret matches', () => {
  const { key, secret } = generate();
  assert.ok(secretMatches(key, secret));
  const last = secret.endsWith('A') ? 'B' : 'A';
  for (const wrong of [
    '',
    secret.slice(0, -1),
    `${secret.slice(0, -1)}${last}`,
    `${secret} `,
    key.secretHash,
  ])
    assert.ok(!secretMatches(key, wrong), wrong);
});

/**
 * Records the calls of the comparing function. Measuring the time would show nothing, because a comparison
 * byte by byte differs by nanoseconds only. The result must be the result of `timingSafeEqual`, called with
 * whole digests.
 */
test('secrets are compared only by timingSafeEqual, digest with digest', (t) => {
  const compared = t.mock.method(crypto, 'timingSafeEqual');
  syncBuiltinESMExports();
  t.after(() => {
    compared.mock.restore();
    syncBuiltinESMExports();
  });
  const { key, secret } = generate();
  const guesses = [secret, '', 'x', `${secret.slice(0, -1)}!`, 'x'.repeat(100_000)];
  for (const guess of guesses) {
    compared.mock.resetCalls();
    const matches = secretMatches(key, guess);
    const [call, ...more] = compared.mock.calls;
    assert.deepEqual([call?.result, more], [matches, []]);
    const digests = call?.arguments.map((digest) => (digest as Buffer).toString('hex'));
    assert.deepEqual(digests, [key.secretHash, crypto.hash('sha256', guess, 'hex')]);
  }
  // This shows that the function's result is used: if it is always true, a wrong secret matches.
  compared.mock.mockImplementation(() => true);
  assert.ok(secretMatches(key, 'not the secret'));
});

test('a key expires at the millisecond that its time to live ends; a key without one never expires', () => {
  const { key } = generate(60);
  assert.deepEqual([key.ttl, key.expiresAt], [60, T0 + 60_000]);
  assert.deepEqual([isExpired(key, T0 + 59_999), isExpired(key, T0 + 60_000)], [false, true]);
  const { key: lasting } = generate(0);
  assert.deepEqual([lasting.expiresAt, isExpired(lasting, Number.MAX_SAFE_INTEGER)], [null, false]);
});
