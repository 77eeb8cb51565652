import assert from 'node:assert/strict';
import { createPublicKey, verify } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { eventually } from '../../../src/platform/testing/eventually.ts';
import { isVerified, type Received, Receiver } from '../../support/receivers/receiver.ts';
import { ALL_EVENTS } from '../../support/service/api-client.ts';
import { attemptsOf, deliveriesOf, untilAllEnded } from '../../support/service/deliveries.ts';
import { publish, publishedEvent } from '../../support/service/published-events.ts';
import { assertRefusal } from '../../support/service/refusal.ts';
import { startTestService } from '../../support/service/service.ts';

async function setUp(t: TestContext, fields: Record<string, unknown> = {}) {
  const service = await startTestService({ MEDIAHOOKS_RETRY_DELAYS: '0.05,0.05' });
  t.after(() => service.stop());
  const receiver = await Receiver.start();
  t.after(() => receiver.stop());
  const { client, operator } = service;
  const created = await client.createWebhook(receiver.url, { ...ALL_EVENTS, ...fields });
  const path = `/webhooks/${created.id}`;
  const publishOne = async (mediaId: string, number: number) => {
    assert.equal((await publish(operator, [publishedEvent(client, mediaId, number)]))?.status, 202);
  };
  return {
    ...service,
    receiver,
    path,
    publishOne,
    secret: created.secret,
    id: created.id,
    webhook: async () => (await client.expect(200, 'GET', path)).data.webhook,
    rotate: async (body?: object) =>
      (await client.expect(200, 'POST', `${path}/secret/rotate`, body)).data as Rotated,
    /** Returns the headers of a new event's request. */
    next: async (mediaId: string) => {
      const count = receiver.received.length;
      await publishOne(mediaId, 1);
      await receiver.untilCount(count + 1);
      return receiver.received.at(-1) ?? assert.fail();
    },
  };
}

interface Rotated {
  readonly secret: string;
  readonly public_key: string | null;
  readonly previous_keys_until: string | null;
}

const signaturesOf = ({ headers }: Received) => String(headers['webhook-signature']).split(' ');
const versionsOf = (request: Received) => signaturesOf(request).map((signature) => signature.split(',')[0]);

const verifies = (secret: string, { body, headers }: Received) =>
  isVerified(new Webhook(secret), body, headers);

function verifiesAsymmetric(publicKey: string, request: Received): boolean {
  const x = Buffer.from(publicKey.replace('whpk_', ''), 'base64').toString('base64url');
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  const content = `${request.id}.${request.headers['webhook-timestamp']}.${request.body}`;
  return signaturesOf(request).some(
    (text) =>
      text.startsWith('v1a,') &&
      verify(null, Buffer.from(content), key, Buffer.from(text.slice(4), 'base64')),
  );
}

test('after a rotation both secrets verify, and only the new one if no overlap is requested', async (t) => {
  const { client, path, secret, rotate, next, webhook } = await setUp(t);
  assert.deepEqual(versionsOf(await next('a')), ['v1']);
  const first = await rotate();
  assert.notEqual(first.secret, secret);
  const until = Date.parse(first.previous_keys_until ?? '');
  assert.ok(Math.abs(until - Date.now() - 24 * 3_600_000) < 60_000);
  assert.equal((await client.expect(200, 'GET', `${path}/secret`)).data.secret, first.secret);
  assert.equal((await webhook()).previous_keys_until, first.previous_keys_until);
  const both = await next('b');
  assert.deepEqual([verifies(secret, both), verifies(first.secret, both)], [true, true]);
  assert.deepEqual(versionsOf(both), ['v1', 'v1']);

  const second = await rotate({ overlap_seconds: 0 });
  assert.equal(second.previous_keys_until, null);
  const one = await next('c');
  assert.deepEqual(
    [secret, first.secret, second.secret].map((each) => verifies(each, one)),
    [false, false, true],
  );
});

test('deliveries in memory are signed with the new secret, and the old one ends with its overlap', async (t) => {
  const { receiver, publishOne, secret, rotate, next } = await setUp(t);
  const held: ServerResponse[] = [];
  receiver.answer((_request, response) => void held.push(response));
  for (const number of [1, 2]) await publishOne('lane', number);
  await receiver.untilCount(1);
  const { secret: renewed, previous_keys_until: until } = await rotate({ overlap_seconds: 0.5 });
  receiver.answer((_request, response) => void response.end());
  for (const response of held) response.end();
  await receiver.untilCount(2);
  const second = receiver.received[1] ?? assert.fail();
  assert.ok(verifies(renewed, second));
  await eventually('the overlap is over', async () => Date.now() >= Date.parse(until ?? ''));
  const late = await next('late');
  assert.deepEqual([verifies(secret, late), verifies(renewed, late)], [false, true]);
});

test('a rotation is refused for an overlap out of bounds, and for a webhook that does not exist', async (t) => {
  const { client, path, newAccount } = await setUp(t);
  for (const overlap_seconds of [-1, 604_801, '60']) {
    const answer = await client.call('POST', `${path}/secret/rotate`, { overlap_seconds });
    assertRefusal(answer, 'invalid_request', ['overlap_seconds']);
  }
  const { client: other } = await newAccount();
  for (const [method, end] of [
    ['POST', 'secret/rotate'],
    ['GET', 'public_key'],
    ['GET', 'secret'],
  ]) {
    assert.equal((await other.call(method as string, `${path}/${end}`)).status, 404);
  }
});

test('a webhook signs with Ed25519 if requested, with a public key that is served', async (t) => {
  const { client, path, secret, rotate, next, webhook } = await setUp(t, { signature: 'both' });
  const { public_key: publicKey } = await webhook();
  assert.match(publicKey, /^whpk_[A-Za-z0-9+/]{43}=$/);
  const keys = async () => (await client.expect(200, 'GET', `${path}/public_key`)).data;
  assert.deepEqual(await keys(), { public_key: publicKey, previous_public_key: null });
  const both = await next('a');
  assert.deepEqual(versionsOf(both), ['v1', 'v1a']);
  assert.deepEqual([verifies(secret, both), verifiesAsymmetric(publicKey, both)], [true, true]);

  await client.expect(200, 'PATCH', path, { signature: 'ed25519' });
  assert.equal((await webhook()).public_key, publicKey);
  const renewed = await rotate();
  assert.deepEqual(await keys(), { public_key: renewed.public_key, previous_public_key: publicKey });
  const rotated = await next('b');
  assert.deepEqual(versionsOf(rotated), ['v1a', 'v1a']);
  for (const key of [publicKey, renewed.public_key]) assert.ok(verifiesAsymmetric(key, rotated));

  await client.expect(200, 'PATCH', path, { signature: 'hmac' });
  assert.equal((await webhook()).public_key, null);
  assert.deepEqual(versionsOf(await next('c')), ['v1', 'v1']);
});

test('a check has the same signatures and headers as a delivery', async (t) => {
  const { client, id, receiver, secret, rotate } = await setUp(t, { headers: { 'X-Token': 'abc' } });
  await rotate();
  await client.expect(200, 'POST', `/webhooks/check/${id}`);
  const request = receiver.received[0] ?? assert.fail();
  assert.ok(verifies(secret, request));
  assert.deepEqual([versionsOf(request), request.headers['x-token']], [['v1', 'v1'], 'abc']);
});

test("the owner's headers are sent, replaced and removed, and their values never shown", async (t) => {
  const headers = { Authorization: 'Bearer 3f9c21d8', 'X-Tenant': 'blue team' };
  const { client, path, next, webhook } = await setUp(t, { headers });
  const masked = { Authorization: '********', 'X-Tenant': '********' };
  assert.deepEqual((await webhook()).headers, masked);
  const { authorization, 'x-tenant': tenant, 'content-type': type } = (await next('a')).headers;
  assert.deepEqual([authorization, tenant, type], ['Bearer 3f9c21d8', 'blue team', 'application/json']);

  const changed = { authorization: '********', 'X-Other': 'green' };
  await client.expect(200, 'PATCH', path, { headers: changed });
  assert.deepEqual(Object.keys((await webhook()).headers), ['authorization', 'X-Other']);
  const after = (await next('b')).headers;
  assert.deepEqual(
    [after.authorization, after['x-tenant'], after['x-other']],
    ['Bearer 3f9c21d8', undefined, 'green'],
  );

  await client.expect(200, 'PUT', path, { headers: {} });
  assert.equal((await next('c')).headers.authorization, undefined);
  assert.deepEqual((await webhook()).headers, {});
});

test('headers that belong to the service or the connection, or are invalid, are refused without repeating a value', async (t) => {
  const { client, path, webhook } = await setUp(t);
  const names = ['Host', 'content-type', 'Content-Length', 'WEBHOOK-ID', 'User-Agent', 'Connection', 'TE'];
  const wrong: Record<string, unknown>[] = [
    ...[
      ...names,
      'Transfer-Encoding',
      'Proxy-Authorization',
      'Upgrade',
      'Expect',
      'Keep-Alive',
      'Trailer',
    ].map((name) => ({ [name]: 'hidden-value' })),
    ...['', 'a b', 'a:b', 'ä', 'a\r\nb', 'x'.repeat(101)].map((name) => ({ [name]: 'hidden-value' })),
    ...['', 'hidden-value\r\nX: y', 'hidden-value\0', ' hidden-value', 'hidden-valuä', 'x'.repeat(4097)].map(
      (value) => ({ 'X-Value': value }),
    ),
    { 'X-Same': 'hidden-value', 'x-same': 'hidden-value' },
    { 'X-New': '********' },
    { 'X-One': 'x'.repeat(2_100), 'X-Two': 'x'.repeat(2_100) },
    { 'X-Number': 1 },
    Object.fromEntries(Array.from({ length: 11 }, (_, n) => [`X-${n}`, 'hidden-value'])),
  ];
  for (const headers of wrong) {
    const answer = await client.call('PATCH', path, { headers });
    assert.deepEqual([answer.status, answer.body.code], [400, 'invalid_request'], JSON.stringify(headers));
    assert.doesNotMatch(JSON.stringify(answer.body), /hidden-valu/);
  }
  assert.deepEqual((await webhook()).headers, {});
  const most = Object.fromEntries(Array.from({ length: 10 }, (_, n) => [`X-${n}`, 'v']));
  await client.expect(200, 'PATCH', path, { headers: most });
});

test('a webhook whose stored keys are damaged blocks no other, and sends nothing unsigned', async (t) => {
  const { client, id, dataDir, receiver, publishOne } = await setUp(t);
  const other = await client.createWebhook(receiver.url);
  receiver.trust(other.secret);
  const database = new DatabaseSync(`${dataDir}/mediahooks.sqlite`);
  database
    .prepare('update webhooks set credentials = (select credentials from webhooks where id = ?) where id = ?')
    .run(other.id, id);
  database.close();
  await publishOne('a', 1);
  await receiver.untilCount(1);
  assert.ok(receiver.received[0]?.verified);
  await untilAllEnded(client, id);
  const [failed] = await deliveriesOf(client, id, 'failed');
  const attempts = await attemptsOf(client, failed?.id ?? '');
  assert.match(attempts[0]?.error ?? '', /the keys of the webhook can not be read/);
  assert.equal(receiver.received.length, 1);
});
