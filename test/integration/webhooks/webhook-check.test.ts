import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:net';
import { after, before, test } from 'node:test';
import { eventually } from '../../../src/platform/testing/eventually.ts';
import { assertHeadersSent } from '../../support/receivers/headers-sent.ts';
import { Receiver } from '../../support/receivers/receiver.ts';
import { ALL_EVENTS, type ApiAnswer } from '../../support/service/api-client.ts';
import { assertRefusal } from '../../support/service/refusal.ts';
import { startTestService, type TestService } from '../../support/service/service.ts';

let service: TestService;
let receiver: Receiver;

before(async () => {
  service = await startTestService({ MEDIAHOOKS_DELIVERY_TIMEOUT: '1', MEDIAHOOKS_HOST_CONCURRENCY: '20' });
  receiver = await Receiver.start();
});

after(async () => {
  await service.stop();
  await receiver.stop();
});

/** Creates a webhook to the receiver, which answers with `status` and `body`. */
async function webhookAnswering(status: number, body: string, headers: Record<string, string> = {}) {
  receiver.answer((_request, response) => void response.writeHead(status, headers).end(body));
  return service.client.createWebhook(receiver.url);
}

test('a check sends a signed sample of an event that the webhook wants, and returns the answer', async () => {
  receiver.answer((_request, response) => void response.writeHead(201).end('taken'));
  const webhook = await service.client.createWebhook(receiver.url, { partial_finished: true });
  receiver.trust(webhook.secret);
  const answer = await service.client.call('POST', `/webhooks/check/${webhook.id}`);
  assert.equal(answer.status, 200);
  assert.equal(answer.contentType, 'application/json');
  assert.match(answer.body.message, /answered 201/);
  const { duration_ms, id, ...rest } = answer.body.data;
  assert.deepEqual(rest, { event: 'partial.finished', receiver_status: 201, receiver_response: 'taken' });
  assert.match(id, /^[0-9a-f-]{36}$/);
  assert.ok(duration_ms >= 0);
  const { event, verified, contentType } = receiver.received.at(-1) ?? assert.fail();
  assert.ok(verified);
  assert.equal(contentType, 'application/json');
  const fields = 'type emitted_at media_id media_type qualities title status user_id';
  assert.equal(Object.keys(event).join(' '), fields);
  assert.equal(event.type, 'partial.finished');
  assert.equal(event.status, 'transcoding');
  assert.match(event.qualities, /^\d+p$/);
  assert.equal(event.user_id, service.client.credentials.userId);
});

test('a check is stored with its result and what was sent, marked as a test, and is not retried', async () => {
  const { client } = service;
  receiver.answer((_request, response) => void response.writeHead(500).end('out of order'));
  const headers = { Authorization: 'Bearer s3cret' };
  const fields = { file_received: true, headers, signature: 'both' };
  const { id } = await client.createWebhook(receiver.url, fields);
  const before = receiver.received.length;
  assertRefusal(await client.call('POST', `/webhooks/check/${id}?event=encoding.failed`), 'receiver_failed');
  assert.equal(receiver.received.length, before + 1);
  const received = receiver.received.at(-1) ?? assert.fail();
  assert.deepEqual([received.event.type, received.headers['webhook-test']], ['encoding.failed', 'true']);
  const { checks } = (await client.expect(200, 'GET', `/webhooks/${id}/checks`)).data;
  const [{ duration_ms, at, id: checkId, ...check }] = checks;
  assert.ok(duration_ms >= 0 && Date.parse(at) <= received.at && checkId !== received.id);
  const { headers: sent, ...rest } = check;
  assert.deepEqual(rest, {
    event: 'encoding.failed',
    event_id: received.id,
    status: 500,
    response: 'out of order',
    error: 'the receiver answered 500',
    url: receiver.url,
  });
  assertHeadersSent(sent, received);
  assert.doesNotMatch(JSON.stringify(checks), /s3cret/);
  assert.deepEqual(
    (await service.client.expect(200, 'GET', `/webhooks/${id}/deliveries`)).data.deliveries,
    [],
  );
});

test('a receiver that does not answer 2xx is a 4xx that says what it did', async () => {
  const check = async (id: string) => {
    const answer = await service.client.call('POST', `/webhooks/check/${id}`);
    assertRefusal(answer, 'receiver_failed');
    return answer.body.message;
  };
  const { id } = await webhookAnswering(500, 'out of order');
  assert.match(await check(id), /answered 500, after \d+ ms; its answer begins: out of order/);
  const moved = await webhookAnswering(302, '', { location: receiver.url });
  const before = receiver.received.length;
  assert.match(await check(moved.id), /answered 302; redirects are not followed/);
  assert.equal(receiver.received.length, before + 1);
  receiver.answer(() => undefined);
  assert.match(await check(id), /did not answer within 1 s/);
  receiver.answer((_request, response) => void response.destroy());
  assert.match(await check(id), /closed the connection/);
  const unknown = await service.client.createWebhook('http://nowhere.invalid/');
  assert.match(await check(unknown.id), /the host is not allowed|could not be resolved/);
  const refused = await service.client.createWebhook(`http://127.0.0.1:${await closedPort()}/`);
  assert.match(await check(refused.id), /connection was refused/);
});

test('checks run ten at a time for an account, and within the limit of requests to one receiver', async (t) => {
  const hanging: ServerResponse[] = [];
  const slow = await Receiver.start();
  t.after(() => slow.stop());
  slow.answer((_request, response) => void hanging.push(response));
  const clients = [service.client, (await service.newAccount()).client, (await service.newAccount()).client];
  const checks: Promise<ApiAnswer>[] = [];
  for (const [nth, client] of clients.entries()) {
    const { id } = await client.createWebhook(slow.url);
    checks.push(...Array.from({ length: 15 }, () => client.call('POST', `/webhooks/check/${id}`)));
    // The third account finds the receiver busy. If all came at once, none might have ten checks at a time.
    const most = Math.min(20, 10 * (nth + 1));
    await eventually('the receiver has requests', async () => hanging.length >= most);
  }
  const answers = (await Promise.all(checks)).map(({ status, body }) => `${status} ${body.code}`);
  assert.equal(hanging.length, 20, 'as many as MEDIAHOOKS_HOST_CONCURRENCY allows');
  const counts = Object.fromEntries(
    [...Map.groupBy(answers, (answer) => answer)].map(([answer, all]) => [answer, all.length]),
  );
  assert.equal(counts['400 receiver_failed'], 20);
  assert.ok((counts['429 rate_limited'] ?? 0) >= 5, JSON.stringify(counts));
  assert.ok((counts['503 overloaded'] ?? 0) >= 5, JSON.stringify(counts));
  slow.answer((_request, response) => void response.end());
  const { id } = await service.client.createWebhook(slow.url);
  assert.equal((await service.client.call('POST', `/webhooks/check/${id}`)).status, 200);
});

test('URLs into the private network are refused, however they are written', async () => {
  const strict = await startTestService({ MEDIAHOOKS_EGRESS_ALLOW: '' });
  try {
    for (const host of [
      ...['127.0.0.1', 'localhost', 'localhost.', '2130706433', '0x7f.1', '127.1', '0.0.0.0'],
      ...['10.0.0.1', '172.16.0.1', '192.168.1.1', '169.254.169.254', '100.64.0.1', '224.0.0.1'],
      ...['[::1]', '[::]', '[fd00::1]', '[fe80::1]', '[::ffff:127.0.0.1]', '[64:ff9b::7f00:1]'],
    ]) {
      const input = { url: `http://${host}:8080/hook`, ...ALL_EVENTS };
      const answer = await strict.client.call('POST', '/webhooks', input);
      assert.equal(answer.status, 400, `${host}: ${JSON.stringify(answer.body)}`);
      assertRefusal(answer, 'url_not_allowed', ['url']);
    }
    await strict.client.expect(201, 'POST', '/webhooks', { url: 'http://93.184.215.14/', ...ALL_EVENTS });
  } finally {
    await strict.stop();
  }
});

test('the newest twenty checks of a webhook are kept, and end with the webhook', async () => {
  const { client } = service;
  const { id } = await webhookAnswering(200, 'ok');
  for (let n = 0; n < 22; n += 1) await client.expect(200, 'POST', `/webhooks/check/${id}`);
  const { checks } = (await client.expect(200, 'GET', `/webhooks/${id}/checks`)).data;
  const ids = receiver.received.slice(-20).map((received) => received.id);
  assert.deepEqual(
    checks.map((check: { event_id: string }) => check.event_id),
    ids.toReversed(),
  );
  await client.expect(200, 'DELETE', `/webhooks/${id}`);
  await client.expect(404, 'GET', `/webhooks/${id}/checks`);
});

test('a check of an unknown event is refused', async () => {
  const { id } = await webhookAnswering(200, 'ok');
  const answer = await service.client.call('POST', `/webhooks/check/${id}?event=none`);
  assertRefusal(answer, 'invalid_request', ['event']);
});

async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : assert.fail();
}
