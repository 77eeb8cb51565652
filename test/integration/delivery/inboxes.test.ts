import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Receiver } from '../../support/receivers/receiver.ts';
import { ALL_EVENTS, type ApiClient } from '../../support/service/api-client.ts';
import { untilAllEnded } from '../../support/service/deliveries.ts';
import { EventStreamClient } from '../../support/service/event-stream.ts';
import { publishedEvent } from '../../support/service/published-events.ts';
import { assertRefusal } from '../../support/service/refusal.ts';
import { startTestService, type TestService } from '../../support/service/service.ts';

/** Rules of egress as on a fresh installation: nothing on this machine may be reached. */
const SETTINGS = { MEDIAHOOKS_EGRESS_ALLOW: '', MEDIAHOOKS_RETRY_DELAYS: '0,0' };

interface Step {
  readonly step: string;
  readonly outcome: string;
  readonly message: string;
}

let service: TestService;

before(async () => {
  service = await startTestService(SETTINGS);
});

after(() => service.stop());

/** A new account with an inbox and a webhook that sends to it. */
async function newInbox() {
  const owner = (await service.newAccount()).client;
  const { inbox } = (await owner.expect(201, 'POST', '/inboxes')).data;
  const webhook = await owner.createWebhook(inbox.url);
  return { owner, inbox, webhook };
}

async function deliver(owner: ApiClient, webhookId: string, mediaId = 'm'): Promise<void> {
  await service.operator.expect(202, 'POST', '/events', publishedEvent(owner, mediaId, 1));
  await untilAllEnded(owner, webhookId);
}

async function read(owner: ApiClient, id: string) {
  return (await owner.expect(200, 'GET', `/inboxes/${id}`)).data;
}

const outcomes = (steps: readonly Step[]) => steps.map(({ step, outcome }) => `${step}: ${outcome}`);

test('a delivery to an inbox arrives, is shown at once, and all steps of its signature pass', async () => {
  const { owner, inbox, webhook } = await newInbox();
  const stream = await EventStreamClient.open(
    `${service.service.url}/api/inboxes/${inbox.id}/live`,
    owner.headers,
  );
  assert.deepEqual((await stream.next())?.data, { resumed: false });
  await deliver(owner, webhook.id);
  const { inbox: shown, requests } = await read(owner, inbox.id);
  const [request] = requests;
  assert.deepEqual([shown.received, requests.length, request.method], [1, 1, 'POST']);
  assert.equal(JSON.parse(request.body).media_id, 'm');
  assert.equal(request.is_signed, true, JSON.stringify(request.signature));
  assert.equal(request.headers['webhook-id'].length, 36);
  const streamed = await stream.next();
  assert.deepEqual([streamed?.event, streamed?.id, streamed?.data], ['request', '1', request]);
  const { deliveries } = (await owner.expect(200, 'GET', `/webhooks/${webhook.id}/deliveries`)).data;
  assert.equal(deliveries[0].state, 'succeeded');
  stream.close();
});

test('the check of a signature names the step that has failed', async () => {
  const { owner, inbox, webhook } = await newInbox();
  await deliver(owner, webhook.id);
  const [genuine] = (await read(owner, inbox.id)).requests;
  const headers: Record<string, string> = Object.fromEntries(
    Object.entries(genuine.headers as Record<string, string>).filter(([name]) => name.startsWith('webhook-')),
  );
  const send = async (changes: Record<string, string>, body = genuine.body) => {
    const sent = Object.fromEntries(
      Object.entries({ ...headers, ...changes }).filter(([, value]) => value !== ''),
    );
    const path = new URL(inbox.url).pathname;
    const response = await fetch(service.service.url + path, { method: 'POST', headers: sent, body });
    await response.body?.cancel();
    const [newest] = (await read(owner, inbox.id)).requests;
    const failed = (newest.signature as Step[]).find(({ outcome }) => outcome === 'failed');
    return failed ? `${failed.step}: ${failed.message}` : 'all passed';
  };
  assert.equal(await send({}), 'all passed');
  assert.match(await send({ 'webhook-id': '' }), /^headers: the request has no header webhook-id$/);
  assert.match(await send({ 'webhook-timestamp': 'soon' }), /^timestamp: .* not a whole number/);
  assert.match(await send({ 'webhook-timestamp': '1700000000' }), /^timestamp: .* s old/);
  assert.match(await send({ 'webhook-signature': 'v2,abc' }), /^format: /);
  assert.match(await send({}, `${genuine.body} `), /^signature: no signature matches/);
  assert.match(await send({ 'webhook-id': 'another' }), /^signature: /);
  await owner.expect(200, 'DELETE', `/webhooks/${webhook.id}`);
  assert.match(await send({}), /^webhook: no webhook of the account/);
  const [last] = (await read(owner, inbox.id)).requests;
  assert.equal(outcomes(last.signature).at(-1), 'signature: skipped');
});

test('an inbox answers as it is told: a status a number of times, a reset, a slow body', async () => {
  const { owner, inbox, webhook } = await newInbox();
  const behave = (behaviour: object) => owner.expect(200, 'PUT', `/inboxes/${inbox.id}/behaviour`, behaviour);
  const attemptsOf = async (mediaId: string) => {
    const { deliveries } = (await owner.expect(200, 'GET', `/deliveries?media_id=${mediaId}`)).data;
    return (await owner.expect(200, 'GET', `/deliveries/${deliveries[0].id}`)).data.delivery.attempts;
  };
  const statuses = (attempts: { status: number | null }[]) => attempts.map(({ status }) => status);

  await behave({ status: 503, times: 2 });
  await deliver(owner, webhook.id, 'retried');
  assert.deepEqual(statuses(await attemptsOf('retried')), [503, 503, 200]);
  assert.equal((await read(owner, inbox.id)).inbox.behaviour.times, 0);

  await behave({ action: 'reset', times: 1 });
  await deliver(owner, webhook.id, 'reset');
  const [cut, good] = await attemptsOf('reset');
  assert.deepEqual([cut.status, good.status], [null, 200]);
  assert.match(cut.error, /closed|reset/i);

  await behave({ action: 'slow_body', delay_ms: 100, times: 1 });
  await deliver(owner, webhook.id, 'slow');
  const [slow] = await attemptsOf('slow');
  assert.deepEqual([slow.status, slow.response], [200, '..........']);
  assert.ok(slow.duration_ms >= 90, String(slow.duration_ms));

  await behave({ delay_ms: 100, times: 1 });
  await deliver(owner, webhook.id, 'delayed');
  assert.ok((await attemptsOf('delayed'))[0].duration_ms >= 90);
  for (const wrong of [{ status: 99 }, { delay_ms: 30_001 }, { action: 'explode' }, { times: -1 }])
    assertRefusal(await owner.call('PUT', `/inboxes/${inbox.id}/behaviour`, wrong), 'invalid_request');
});

test('inboxes open nothing else: other paths, ports, names and addresses of this machine stay refused', async () => {
  const { owner, inbox } = await newInbox();
  const { port } = new URL(inbox.url);
  const path = new URL(inbox.url).pathname;
  const refused = [
    `http://127.0.0.1:${port}/`,
    `http://127.0.0.1:${port}/metrics`,
    `http://127.0.0.1:${port}/api/webhooks`,
    `http://127.0.0.1:${port}/inbox/`,
    `http://127.0.0.1:${port}${path}?x=1`,
    `http://127.0.0.1:${port}${path}/..`,
    `http://127.0.0.1:${port}${path}/../../metrics`,
    `http://127.0.0.1:${port}//inbox/${path.split('/')[2]}`,
    `http://127.0.0.1:${Number(port) + 1}${path}`,
    `http://127.0.0.2:${port}${path}`,
    `http://[::1]:${port}${path}`,
    `http://[::ffff:127.0.0.1]:${port}${path}`,
    `http://0.0.0.0:${port}${path}`,
    `http://localhost:${port}${path}`,
    `https://127.0.0.1:${port}${path}`,
    'http://169.254.169.254/latest/meta-data',
  ];
  for (const url of refused) {
    const answer = await owner.call('POST', '/webhooks', { url, ...ALL_EVENTS });
    assert.equal(answer.body.code, 'url_not_allowed', `${url}: ${JSON.stringify(answer.body)}`);
  }
  // Forms that `URL` turns into the URL of the inbox, and that mean nothing else.
  for (const url of [`http://2130706433:${port}${path}`, `http://127.0.0.1:${port}/x/..${path}#fragment`]) {
    const { webhook } = (await owner.expect(201, 'POST', '/webhooks', { url, ...ALL_EVENTS })).data;
    assert.equal(webhook.url, inbox.url);
  }
});

test('a connection to an inbox carries nothing else, and the answer of an inbox leads nowhere', async () => {
  const { owner, inbox, webhook } = await newInbox();
  const receiver = await Receiver.start();
  await deliver(owner, webhook.id, 'first');
  // An owner cannot store this URL. The storage is changed, as if rules had been laxer before.
  const { storage } = service.service;
  const elsewhere = await owner.createWebhook(inbox.url);
  const { userId } = owner.credentials;
  const metrics = `${service.service.url}/metrics`;
  for (const url of [metrics, receiver.url]) {
    await storage.webhooks.update(userId, elsewhere.id, { url }, { at: Date.now(), by: null });
    await service.operator.expect(202, 'POST', '/events', publishedEvent(owner, url, 1));
    await untilAllEnded(owner, elsewhere.id);
    const query = new URLSearchParams({ media_id: url, webhook_id: elsewhere.id });
    const { deliveries } = (await owner.expect(200, 'GET', `/deliveries?${query}`)).data;
    assert.equal(deliveries[0].state, 'failed');
    assert.match(deliveries[0].last_error, /the host is not allowed/);
  }
  assert.equal(receiver.received.length, 0);
  await owner.expect(200, 'PUT', `/inboxes/${inbox.id}/behaviour`, { status: 302 });
  await deliver(owner, webhook.id, 'redirected');
  const { deliveries } = (await owner.expect(200, 'GET', '/deliveries?media_id=redirected&state=failed'))
    .data;
  assert.ok(deliveries.length > 0);
  await receiver.stop();
});

test('inboxes are bounded in number and size, and belong to their account', async () => {
  const { owner, inbox } = await newInbox();
  for (let n = 1; n < 5; n += 1) await owner.expect(201, 'POST', '/inboxes');
  assertRefusal(await owner.call('POST', '/inboxes'), 'limit_reached');
  const stranger = (await service.newAccount()).client;
  assertRefusal(await stranger.call('GET', `/inboxes/${inbox.id}`), 'not_found');
  assertRefusal(await stranger.call('DELETE', `/inboxes/${inbox.id}`), 'not_found');

  const post = async (body: string) => {
    const url = service.service.url + new URL(inbox.url).pathname;
    const response = await fetch(url, { method: 'POST', body, headers: { 'content-type': 'image/odd' } });
    await response.body?.cancel();
    return response.status;
  };
  assert.equal(await post('x'.repeat(100_000)), 200);
  const [large] = (await read(owner, inbox.id)).requests;
  assert.deepEqual([large.body.length, large.bytes, large.is_signed], [65_536, 100_000, false]);
  assert.equal(await post('x'.repeat(1_100_000)), 413);
  const answers = await Promise.all(Array.from({ length: 150 }, () => post('y'.repeat(20_000))));
  assert.ok(answers.includes(429));
  const { requests } = await read(owner, inbox.id);
  assert.ok(requests.length <= 100);
  const bytes = requests.reduce((sum: number, { body }: { body: string }) => sum + body.length, 0);
  assert.ok(bytes <= 1024 * 1024, String(bytes));

  await owner.expect(200, 'DELETE', `/inboxes/${inbox.id}`);
  assert.equal(await post('gone'), 404);
  assertRefusal(await owner.call('GET', `/inboxes/${inbox.id}`), 'not_found');
});

test('inboxes that are off are not there, and their URLs are ordinary ones', async () => {
  const off = await startTestService({ ...SETTINGS, MEDIAHOOKS_INBOX: 'off' });
  try {
    assertRefusal(await off.client.call('POST', '/inboxes'), 'not_found');
    const url = `${off.service.url}/inbox/${'a'.repeat(43)}`;
    assertRefusal(await off.client.call('POST', '/webhooks', { url, ...ALL_EVENTS }), 'url_not_allowed');
    assert.equal((await off.client.expect(200, 'GET', '/console/session')).data.inbox, false);
  } finally {
    await off.stop();
  }
});
