import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { type TestContext, test } from 'node:test';
import { eventually } from '../../../src/platform/testing/eventually.ts';
import { assertLanes } from '../../support/oracle/lane-log.ts';
import { type Answer, Receiver } from '../../support/receivers/receiver.ts';
import { ALL_EVENTS } from '../../support/service/api-client.ts';
import { attemptsOf, deliveriesOf, untilAllEnded } from '../../support/service/deliveries.ts';
import { publish, publishedEvent } from '../../support/service/published-events.ts';
import { assertRefusal } from '../../support/service/refusal.ts';
import { startTestService } from '../../support/service/service.ts';

async function setUp(t: TestContext, settings: Record<string, string> = {}, policies: object = {}) {
  const service = await startTestService({ MEDIAHOOKS_RETRY_DELAYS: '0.05,0.05,0.05', ...settings });
  t.after(() => service.stop());
  const receiver = await Receiver.start();
  t.after(() => receiver.stop());
  const { client, operator } = service;
  const { id, secret } = await client.createWebhook(receiver.url, { ...ALL_EVENTS, ...policies });
  receiver.trust(secret);
  const publishOne = async (mediaId: string, number: number) => {
    assert.equal((await publish(operator, [publishedEvent(client, mediaId, number)]))?.status, 202);
  };
  const webhook = async () => (await client.expect(200, 'GET', `/webhooks/${id}`)).data.webhook;
  const set = async (what: 'pause' | 'resume') =>
    (await client.expect(200, 'POST', `/webhooks/${id}/${what}`)).data.webhook;
  return { ...service, client, receiver, id, publishOne, webhook, set };
}

const answerWith =
  (status: number): Answer =>
  (_request, response) =>
    void response.writeHead(status).end();

test('events during a pause arrive after it, in order; attempts in flight end and are recorded', async (t) => {
  const { client, receiver, id, publishOne, set, webhook } = await setUp(t);
  const held: ServerResponse[] = [];
  receiver.answer((_request, response) => void held.push(response));
  await publishOne('a', 1);
  await receiver.untilCount(1);
  const paused = await set('pause');
  assert.deepEqual([typeof paused.paused_at, paused.pause_reason], ['string', 'owner']);
  assert.deepEqual(await set('pause'), paused, 'a second pause changes nothing');
  await publishOne('a', 2);
  await publishOne('b', 1);
  await publishOne('a', 3);
  receiver.answer((_request, response) => void response.end());
  for (const response of held) response.end();
  await eventually('the request in flight is recorded', async () => {
    return (await deliveriesOf(client, id, 'succeeded')).length === 1;
  });
  assert.deepEqual(receiver.titles(), ['a/1']);
  assert.equal((await deliveriesOf(client, id, 'pending')).length, 3);

  // Holds the answers, so that no attempt changes the webhook between the two calls.
  const waiting: ServerResponse[] = [];
  receiver.answer((_request, response) => void waiting.push(response));
  const resumed = await set('resume');
  assert.deepEqual([resumed.paused_at, resumed.pause_reason], [null, null]);
  assert.deepEqual(await set('resume'), resumed);
  receiver.answer((_request, response) => void response.end());
  for (const response of waiting) response.end();
  await untilAllEnded(client, id);
  assert.deepEqual(receiver.titles().toSorted(), ['a/1', 'a/2', 'a/3', 'b/1']);
  assert.deepEqual(
    receiver.titles().filter((title) => String(title).startsWith('a')),
    ['a/1', 'a/2', 'a/3'],
  );
  assert.equal(assertLanes(receiver.received), 0);
  assert.equal((await webhook()).paused_at, null);
});

test('a delivery that is resent by hand during a pause is sent after it', async (t) => {
  const { client, receiver, id, publishOne, set } = await setUp(t);
  await publishOne('a', 1);
  await untilAllEnded(client, id);
  const [delivery] = await deliveriesOf(client, id);
  await set('pause');
  await client.expect(202, 'POST', `/deliveries/${delivery?.id}/retry`);
  assert.equal((await deliveriesOf(client, id))[0]?.state, 'pending');
  await set('resume');
  await receiver.untilCount(2);
  await untilAllEnded(client, id);
  assert.equal(assertLanes(receiver.received), 1);
});

test('410 pauses the webhook; its delivery stays, and is sent first when the webhook is resumed', async (t) => {
  const { client, receiver, id, publishOne, set, webhook } = await setUp(t);
  receiver.answer(answerWith(410));
  await publishOne('a', 1);
  const paused = await eventually('the webhook is paused', async () => {
    const now = await webhook();
    return now.paused_at !== null && now;
  });
  assert.deepEqual([paused.pause_reason, paused.last_error], ['gone', 'the receiver answered 410']);
  await publishOne('a', 2);
  const [first] = await deliveriesOf(client, id, 'pending');
  assert.equal(first?.attempt_count, 1);
  assert.deepEqual(
    (await attemptsOf(client, first?.id ?? '')).map(({ status }) => status),
    [410],
  );
  receiver.answer((_request, response) => void response.end());
  await set('resume');
  await untilAllEnded(client, id);
  assert.deepEqual(receiver.titles(), ['a/1', 'a/1', 'a/2']);
  assert.equal((await webhook()).last_error, null);
});

test('a webhook that only fails is paused by the service, and its owner sees why', async (t) => {
  // About half a second, in days.
  const settings = { MEDIAHOOKS_PAUSE_AFTER_DAYS: '0.000006', MEDIAHOOKS_RETRY_DELAYS: '0.3,0.3,0.3,0.3' };
  const { client, receiver, id, publishOne, set, webhook } = await setUp(t, settings);
  receiver.answer(answerWith(500));
  await publishOne('a', 1);
  await publishOne('a', 2);
  const paused = await eventually('the webhook is paused', async () => {
    const now = await webhook();
    return now.paused_at !== null && now;
  });
  assert.deepEqual([paused.pause_reason, paused.last_error], ['failing', 'the receiver answered 500']);
  const [delivery] = await deliveriesOf(client, id);
  const [attempt] = await attemptsOf(client, delivery?.id ?? '');
  assert.equal(paused.failing_since, attempt?.at);
  assert.ok(receiver.received.length >= 3, 'not by its first failures');

  receiver.answer((_request, response) => void response.end());
  const before = receiver.received.length;
  const resumed = await set('resume');
  assert.equal(resumed.failing_since, null);
  await untilAllEnded(client, id);
  assert.deepEqual(receiver.titles().slice(before), ['a/1', 'a/2']);
});

test('a paused webhook costs the others nothing', async (t) => {
  const { client, receiver, id, publishOne, set } = await setUp(t);
  const other = await Receiver.start();
  t.after(() => other.stop());
  const { secret } = await client.createWebhook(other.url);
  other.trust(secret);
  await set('pause');
  for (const number of [1, 2, 3]) await publishOne('a', number);
  await other.untilCount(3);
  assert.equal(receiver.received.length, 0);
  assert.equal((await deliveriesOf(client, id, 'pending')).length, 3);
});

test("a caller can't pause a webhook of another account", async (t) => {
  const { newAccount, id, client } = await setUp(t);
  const { client: stranger } = await newAccount();
  for (const what of ['pause', 'resume']) {
    assertRefusal(await stranger.call('POST', `/webhooks/${id}/${what}`), 'not_found', []);
    assertRefusal(await client.call('POST', `/webhooks/1/${what}`), 'invalid_request', ['id']);
  }
});
