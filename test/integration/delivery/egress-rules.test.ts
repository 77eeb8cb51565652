import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { type TestContext, test } from 'node:test';
import { HOST_REFUSED } from '../../../src/delivery/egress/policy.ts';
import { NameServer } from '../../support/receivers/name-server.ts';
import { Receiver } from '../../support/receivers/receiver.ts';
import { ALL_EVENTS } from '../../support/service/api-client.ts';
import { attemptOnce } from '../../support/service/deliveries.ts';
import { assertRefusal } from '../../support/service/refusal.ts';
import { startTestService } from '../../support/service/service.ts';
import { ServiceProcess } from '../../support/service/service-process.ts';

/** Effects of the operator's rules and of changing answers of name servers on webhooks that were saved before. */

const PUBLIC = '93.184.215.14';
const ONE_TRY = { MEDIAHOOKS_RETRY_DELAYS: '' };

/** A receiver that must get nothing. */
async function untouched(t: TestContext): Promise<{ receiver: Receiver; port: string }> {
  const receiver = await Receiver.start();
  t.after(() => receiver.stop());
  return { receiver, port: new URL(receiver.url).port };
}

/** Starts the service as a process, with a webhook that was saved under the usual rules. */
async function withSavedWebhook(t: TestContext) {
  const { receiver, port } = await untouched(t);
  const service = await ServiceProcess.create({ settings: ONE_TRY });
  t.after(() => service.remove());
  await service.start();
  const { id } = await service.client.createWebhook(receiver.url);
  return { receiver, port, service, id };
}

test('a name that is public when saved, and private when sent to, gets nothing, and its owner sees why', async (t) => {
  const { receiver, port } = await untouched(t);
  const server = await NameServer.start(() => [PUBLIC], { ttl: 0 });
  t.after(() => server.stop());
  const settings = { MEDIAHOOKS_EGRESS_ALLOW: '', ...ONE_TRY };
  const service = await startTestService(settings, { nameServers: [server.address] });
  t.after(() => service.stop());
  const { client } = service;
  const { id } = await client.createWebhook(`http://turning.example:${port}/hook`);
  server.zone = () => ['127.0.0.1'];
  const error = HOST_REFUSED;
  assert.deepEqual(await attemptOnce(service, id), { state: 'failed', status: null, error });
  const check = await client.call('POST', `/webhooks/check/${id}`);
  assertRefusal(check, 'receiver_failed');
  assert.ok(check.body.message.startsWith(HOST_REFUSED));
  assert.equal(receiver.received.length, 0);
});

test('a redirect to a private address is an answer, and never followed', async (t) => {
  const { receiver, port } = await untouched(t);
  const service = await startTestService(ONE_TRY);
  t.after(() => service.stop());
  const { client } = service;
  for (const status of [301, 302, 303, 307, 308]) {
    const location = `http://127.0.0.1:${port}/inside`;
    const redirecting = createServer((_request, response) => {
      response.writeHead(status, { location }).end();
    });
    const url = await listening(t, redirecting);
    const { id } = await client.createWebhook(url);
    const error = `the receiver answered ${status}; redirects are not followed`;
    assert.deepEqual(await attemptOnce(service, id), { state: 'failed', status, error });
    assertRefusal(await client.call('POST', `/webhooks/check/${id}`), 'receiver_failed');
    await client.expect(200, 'DELETE', `/webhooks/${id}`);
  }
  assert.equal(receiver.received.length, 0);
});

test('if only https is allowed, http is refused when saved, and when sent to webhooks saved before', async (t) => {
  const { receiver, port, service, id } = await withSavedWebhook(t);
  const { client } = service;
  assert.equal((await attemptOnce(service, id)).state, 'succeeded');
  await service.terminate();

  await service.start({ MEDIAHOOKS_HTTPS_ONLY: 'true' });
  const error = 'http is not allowed here; it must be https';
  assert.deepEqual(await attemptOnce(service, id), { state: 'failed', status: null, error });
  const check = await client.call('POST', `/webhooks/check/${id}`);
  assertRefusal(check, 'receiver_failed');
  assert.match(check.body.message, /it must be https/);
  assert.equal(receiver.received.length, 1);
  const saved = await client.call('POST', '/webhooks', { url: `http://127.0.0.1:${port}/`, ...ALL_EVENTS });
  assertRefusal(saved, 'url_not_allowed', ['url']);
  assert.match(saved.body.message, /it must be https/);
  assertRefusal(await client.call('PATCH', `/webhooks/${id}`, { url: receiver.url }), 'url_not_allowed', [
    'url',
  ]);
  await client.expect(200, 'PATCH', `/webhooks/${id}`, { url: `https://127.0.0.1:${port}/` });
});

test('if ports are listed, no other is accepted when saved, nor sent to for webhooks saved before', async (t) => {
  const { receiver, port, service, id } = await withSavedWebhook(t);
  const { client } = service;
  await service.terminate();

  await service.start({ MEDIAHOOKS_EGRESS_PORTS: '443,6379' });
  const error = `the port ${port} is not one that webhooks may use`;
  assert.deepEqual(await attemptOnce(service, id), { state: 'failed', status: null, error });
  assert.equal(receiver.received.length, 0);
  const create = (url: string) => client.call('POST', '/webhooks', { url, ...ALL_EVENTS });
  assertRefusal(await create(`https://${PUBLIC}:8443/`), 'url_not_allowed', ['url']);
  assertRefusal(await create(`http://${PUBLIC}/`), 'url_not_allowed', ['url']);
  assert.equal((await create(`https://${PUBLIC}/`)).status, 201);
  assert.equal((await create(`http://${PUBLIC}:6379/`)).status, 201);
});

async function listening(t: TestContext, server: ReturnType<typeof createServer>): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close().closeAllConnections());
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : assert.fail()}/hook`;
}
