import assert from 'node:assert/strict';
import { createPublicKey, verify } from 'node:crypto';
import { test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { newPrivateKey, newSigningSecret, publicKeyOf, signatureHeaders } from './signature.ts';

test('a published example message gets its published signature', () => {
  // Secret, message and signature are an example of the Standard Webhooks libraries.
  const headers = signatureHeaders(
    { secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' },
    {
      id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      at: 1_614_265_330_000,
      body: '{"test": 2432232314}',
    },
  );
  assert.deepEqual(headers, {
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  });
});

test('the published library verifies our signatures, and rejects changed messages', () => {
  const secret = newSigningSecret();
  const body = JSON.stringify({ type: 'file.received', title: 'Grüße, 世界 🎬' });
  const headers = signatureHeaders({ secret }, { id: 'a', at: Date.now(), body });
  const receiver = new Webhook(secret);
  assert.deepEqual(receiver.verify(body, headers), JSON.parse(body));
  assert.throws(() => receiver.verify(body.replace('received', 'deceived'), headers));
  assert.throws(() => receiver.verify(body, { ...headers, 'webhook-id': 'b' }));
  assert.throws(() => new Webhook(newSigningSecret()).verify(body, headers));
});

test('secrets differ, and have the length that the specification asks for', () => {
  assert.notEqual(newSigningSecret(), newSigningSecret());
  assert.equal(Buffer.from(newSigningSecret().slice('whsec_'.length), 'base64').length, 32);
});

/** Keys, message and signatures that the libraries of Standard Webhooks and its reference service publish. */
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const PRIVATE_KEY =
  'whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==';
const MESSAGE = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', at: 1_614_265_330_000, body: '{"test": 2432232314}' };
const V1 = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=';
const V1A = 'v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==';

test('a published example message gets its published asymmetric signature', () => {
  const { 'webhook-signature': signature } = signatureHeaders({ secret: PRIVATE_KEY }, MESSAGE);
  assert.equal(signature, V1A);
  assert.equal(publicKeyOf(PRIVATE_KEY), 'whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=');
});

test('signatures with secrets come before all others, in the order of their keys', () => {
  const [secret, old] = [newSigningSecret(), newSigningSecret()];
  const [key, oldKey] = [newPrivateKey(), newPrivateKey()];
  const versions = (keys: string, previous: string) => {
    const credentials = { secret: keys, previous: { secret: previous, until: Number.POSITIVE_INFINITY } };
    const { 'webhook-signature': signatures = '' } = signatureHeaders(credentials, MESSAGE);
    // Every part has exactly one comma: some libraries throw for a part without one.
    for (const part of signatures.split(' ')) assert.match(part, /^v1a?,[A-Za-z0-9+/]+=*$/);
    return signatures.split(' ').map((signature) => signature.split(',')[0]);
  };
  assert.deepEqual(versions(`${secret} ${key}`, `${old} ${oldKey}`), ['v1', 'v1', 'v1a', 'v1a']);
  assert.deepEqual(versions(key, old), ['v1', 'v1a']);
  assert.deepEqual(versions(secret, oldKey), ['v1', 'v1a']);
  assert.deepEqual(versions(secret, ''), ['v1']);
  const both = {
    secret: `${secret} ${key}`,
    previous: { secret: `${old} ${oldKey}`, until: MESSAGE.at + 1 },
  };
  const of = (keys: string) => signatureHeaders({ secret: keys }, MESSAGE)['webhook-signature'];
  const { 'webhook-signature': ordered } = signatureHeaders(both, MESSAGE);
  assert.equal(ordered, [secret, old, key, oldKey].map(of).join(' '));
});

test('the public key of a new private key verifies its signatures', () => {
  const key = newPrivateKey();
  assert.notEqual(key, newPrivateKey());
  assert.equal(Buffer.from(key.slice('whsk_'.length), 'base64').length, 64);
  const { 'webhook-signature': signature = '' } = signatureHeaders({ secret: key }, MESSAGE);
  const x = Buffer.from(publicKeyOf(key).slice('whpk_'.length), 'base64').toString('base64url');
  const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  const content = Buffer.from(`${MESSAGE.id}.1614265330.${MESSAGE.body}`);
  assert.ok(verify(null, content, publicKey, Buffer.from(signature.slice('v1a,'.length), 'base64')));
});

test('every key signs, secrets first and the newest of each kind first; previous keys sign until they expire', () => {
  const until = MESSAGE.at + 1;
  const signed = (secret: string, previous: string, at = MESSAGE.at) =>
    signatureHeaders({ secret, previous: { secret: previous, until } }, { ...MESSAGE, at })[
      'webhook-signature'
    ];
  assert.equal(signed(`${SECRET} ${PRIVATE_KEY}`, SECRET), `${V1} ${V1} ${V1A}`);
  assert.equal(signed(PRIVATE_KEY, ''), V1A);
  assert.equal(signed(SECRET, PRIVATE_KEY, until)?.split(' ').length, 1);
});

test('without a key signing throws, so that nothing is sent unsigned', () => {
  assert.throws(() => signatureHeaders({ secret: '' }, MESSAGE), /can not be read/);
});
