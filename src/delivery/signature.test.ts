import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { newSigningSecret, signatureHeaders } from './signature.ts';

test('the signature of a known message is the known one', () => {
  // The example of the Standard Webhooks libraries: their secret, message and signature.
  const headers = signatureHeaders('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', {
    id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    at: 1_614_265_330_000,
    body: '{"test": 2432232314}',
  });
  assert.deepEqual(headers, {
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  });
});

test('the published library verifies what we sign, and not what was changed', () => {
  const secret = newSigningSecret();
  const body = JSON.stringify({ type: 'file.received', title: 'Grüße, 世界 🎬' });
  const headers = signatureHeaders(secret, { id: 'a', at: Date.now(), body });
  const receiver = new Webhook(secret);
  assert.deepEqual(receiver.verify(body, headers), JSON.parse(body));
  assert.throws(() => receiver.verify(body.replace('received', 'deceived'), headers));
  assert.throws(() => receiver.verify(body, { ...headers, 'webhook-id': 'b' }));
  assert.throws(() => new Webhook(newSigningSecret()).verify(body, headers));
});

test('secrets differ, and hold as many bytes as the specification asks for', () => {
  assert.notEqual(newSigningSecret(), newSigningSecret());
  assert.equal(Buffer.from(newSigningSecret().slice('whsec_'.length), 'base64').length, 32);
});
