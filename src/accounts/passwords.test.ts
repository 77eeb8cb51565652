import assert from 'node:assert/strict';
import { argon2Sync } from 'node:crypto';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { test } from 'node:test';
import { Passwords } from './passwords.ts';

const PASSWORD = 'correct horse battery staple';

/** Returns a hash as another program, or an earlier version with cheaper parameters, would write it. */
function weakHash(password: string): string {
  const nonce = Buffer.from('somesaltsomesalt');
  const tag = argon2Sync('argon2id', {
    message: password,
    nonce,
    parallelism: 1,
    tagLength: 32,
    memory: 64,
    passes: 1,
  });
  const text = (bytes: Buffer) => bytes.toString('base64').replaceAll('=', '');
  return `$argon2id$v=19$m=64,t=1,p=1$${text(nonce)}$${text(tag)}`;
}

test("a hash is a PHC string of OWASP's parameters, salted, and fits its password alone", async () => {
  const passwords = new Passwords();
  const [one, two] = await Promise.all([passwords.hash(PASSWORD), passwords.hash(PASSWORD)]);
  assert.match(one, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
  assert.notEqual(one, two);
  assert.equal(passwords.isOutdated(one), false);
  assert.equal(await passwords.verify(PASSWORD, one), true);
  for (const wrong of ['', `${PASSWORD} `, PASSWORD.toUpperCase(), one]) {
    assert.equal(await passwords.verify(wrong, one), false);
  }
  assert.equal(await passwords.verify(PASSWORD, null), false);
});

test('a published vector verifies', async () => {
  // From the tests of the reference implementation (phc-winner-argon2, src/test.c): m=65536, t=2, p=1.
  const hash = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc';
  assert.equal(await new Passwords().verify('password', hash), true);
});

test('hashes with other parameters remain valid, and are recognised as outdated', async () => {
  const hash = weakHash(PASSWORD);
  const passwords = new Passwords();
  assert.equal(await passwords.verify(PASSWORD, hash), true);
  assert.equal(passwords.isOutdated(hash), true);
});

test('a stored text that is not a hash, or has excessive parameters, is a defect', async () => {
  for (const hash of [
    '',
    'plain',
    '$argon2id$v=19$m=9999999,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cI',
  ]) {
    await assert.rejects(new Passwords().verify(PASSWORD, hash), /is not an argon2id hash/);
  }
});

test('a password matches in every form of Unicode', async () => {
  const passwords = new Passwords();
  assert.equal(await passwords.verify('cafe\u0301 au lait', await passwords.hash('caf\u00e9 au lait')), true);
});

test('many hashes at once do not stop the event loop, and too many are refused', async () => {
  const passwords = new Passwords();
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const hash = weakHash(PASSWORD);
  const all = await Promise.allSettled(Array.from({ length: 200 }, () => passwords.verify(PASSWORD, hash)));
  const some = await Promise.allSettled(Array.from({ length: 8 }, () => passwords.hash(PASSWORD)));
  delay.disable();
  const refused = all.filter((one) => one.status === 'rejected');
  assert.equal(refused.length, 200 - 66);
  for (const { reason } of refused) assert.equal(reason.code, 'overloaded');
  assert.ok(some.every((one) => one.status === 'fulfilled'));
  // A hash on the event loop would take about 45 ms; eight would take about 360 ms.
  assert.ok(delay.max < 200e6, `the event loop stood still for ${delay.max / 1e6} ms`);
  assert.equal(await passwords.verify(PASSWORD, hash), true);
});
