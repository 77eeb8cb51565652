import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { eventually } from '../../../src/platform/testing/eventually.ts';
import { assertLanes, firstArrivals } from '../../support/oracle/lane-log.ts';
import { type Answer, Receiver } from '../../support/receivers/receiver.ts';
import { ALL_EVENTS, type ApiClient } from '../../support/service/api-client.ts';
import { deliveriesOf, untilAllEnded } from '../../support/service/deliveries.ts';
import { publish, publishedEvent } from '../../support/service/published-events.ts';
import { assertRefusal } from '../../support/service/refusal.ts';
import { startTestService } from '../../support/service/service.ts';
import { startServiceWithReceiver } from '../../support/service/service-with-receiver.ts';

const FIELDS = ['id', 'webhook_id', 'since', 'until', 'state', 'queued', 'created_at', 'ended_at'];
const LONG_AGO = '2020-01-01T00:00:00Z';
/** Every event fails at its first attempt, without a retry. */
const NO_RETRIES = { MEDIAHOOKS_RETRY_DELAYS: '' };

const failing: Answer = (_request, response) => void response.writeHead(500).end();
const working: Answer = (_request, response) => void response.end();

async function setUp(t: TestContext, settings: Record<string, string> = {}) {
  const service = await startTestService({ ...NO_RETRIES, ...settings });
  t.after(() => service.stop());
  const receiver = await Receiver.start();
  t.after(() => receiver.stop());
  receiver.answer(failing);
  const { client, operator } = service;
  const { id, secret } = await client.createWebhook(receiver.url, ALL_EVENTS);
  receiver.trust(secret);
  /** Publishes events of some media; fulfils when they have failed. */
  const fail = async (media: readonly string[], events: number) => {
    const all = media.flatMap((name) =>
      Array.from({ length: events }, (_, n) => publishedEvent(client, name, n + 1)),
    );
    assert.equal((await publish(operator, all))?.status, 202);
    await untilAllEnded(client, id);
  };
  return { ...service, client, receiver, id, fail };
}

async function recover(client: ApiClient, webhookId: string, range: { since: string; until?: string }) {
  return (await client.expect(202, 'POST', `/webhooks/${webhookId}/recover`, range)).data.recovery;
}

async function untilDone(client: ApiClient, webhookId: string) {
  return eventually('every recovery has ended', async () => {
    const { recoveries } = (await client.expect(200, 'GET', `/webhooks/${webhookId}/recoveries`)).data;
    return recoveries.every((one: { state: string }) => one.state !== 'running') && recoveries;
  });
}

test('deliveries that failed between two times are sent again, lane by lane in order, and nothing else', async (t) => {
  const { client, receiver, id, fail } = await setUp(t);
  await fail(['before'], 2);
  const since = new Date().toISOString();
  const media = Array.from({ length: 8 }, (_, n) => `m${n}`);
  await fail(media, 3);
  const until = new Date().toISOString();
  // Times have milliseconds: later events must fail in a later millisecond.
  await new Promise((resolve) => setTimeout(resolve, 5));
  await fail(['after'], 1);
  const before = receiver.received.length;
  receiver.answer(working);

  const recovery = await recover(client, id, { since, until });
  assert.deepEqual(Object.keys(recovery), FIELDS);
  assert.deepEqual(
    [recovery.webhook_id, recovery.since, recovery.until, recovery.state, recovery.queued],
    [id, since, until, 'running', 0],
  );
  const [done] = await untilDone(client, id);
  assert.deepEqual([done.id, done.state, done.queued], [recovery.id, 'done', 24]);
  await untilAllEnded(client, id);
  const again = receiver.received.slice(before);
  assert.equal(assertLanes(again), 0);
  const titles = again.map(({ event }) => String(event.title));
  for (const name of media) {
    assert.deepEqual(
      titles.filter((title) => title.startsWith(`${name}/`)),
      [1, 2, 3].map((number) => `${name}/${number}`),
    );
  }
  assert.equal(again.length, 24);
  assert.equal((await deliveriesOf(client, id, 'failed')).length, 3);
});

test('repeating the call is harmless', async (t) => {
  const { client, receiver, id, fail } = await setUp(t, { MEDIAHOOKS_RECOVERY_RATE: '20' });
  await fail(
    Array.from({ length: 12 }, (_, n) => `m${n}`),
    1,
  );
  const before = receiver.received.length;
  receiver.answer(working);
  const until = new Date().toISOString();
  const first = await recover(client, id, { since: LONG_AGO, until });
  assert.equal((await recover(client, id, { since: LONG_AGO, until })).id, first.id);
  for (let n = 0; n < 3; n += 1) await recover(client, id, { since: LONG_AGO });
  await untilDone(client, id);
  await untilAllEnded(client, id);
  assert.equal(receiver.received.length - before, 12);
});

test('the rate is bounded, and live events are sent in between', async (t) => {
  const { client, operator, receiver, id, fail } = await setUp(t, { MEDIAHOOKS_RECOVERY_RATE: '20' });
  await fail(
    Array.from({ length: 30 }, (_, n) => `m${n}`),
    1,
  );
  const before = receiver.received.length;
  receiver.answer(working);
  const startedAt = Date.now();
  await recover(client, id, { since: LONG_AGO });
  await receiver.untilCount(before + 5);
  const publishedAt = Date.now();
  assert.equal((await publish(operator, [publishedEvent(client, 'live', 1)]))?.status, 202);
  await receiver.untilCount(before + 31);
  const lasted = Date.now() - startedAt;
  assert.ok(lasted >= 1_200, `thirty deliveries in ${lasted} ms`);
  const live = receiver.received.findIndex(({ event }) => event.title === 'live/1') - before;
  assert.ok(live < 25, `the live event was number ${live + 1}`);
  assert.ok((receiver.received[before + live]?.at ?? 0) - publishedAt < 500);
});

test('a bulk resend continues after kill -9, and sends nothing twice that it had recorded', async (t) => {
  const settings = { ...NO_RETRIES, MEDIAHOOKS_RECOVERY_RATE: '50' };
  const { service, receiver, webhookId, publishOne } = await startServiceWithReceiver(t, { settings });
  receiver.answer(failing);
  for (let n = 0; n < 40; n += 1) await publishOne(`m${n % 20}`, Math.floor(n / 20) + 1);
  await untilAllEnded(service.client, webhookId);
  const before = receiver.received.length;
  receiver.answer(working);
  await recover(service.client, webhookId, { since: LONG_AGO });
  await receiver.untilCount(before + 8);
  await service.kill();
  await service.start();
  const [done] = await untilDone(service.client, webhookId);
  await untilAllEnded(service.client, webhookId);
  assert.deepEqual([done.state, done.queued], ['done', 40]);
  const again = receiver.received.slice(before);
  assertLanes(again);
  assert.equal(firstArrivals(again).length, 40);
  assert.equal((await deliveriesOf(service.client, webhookId, 'succeeded')).length, 40);
});

test('removing a webhook ends its bulk resend', async (t) => {
  const { client, service, id, fail } = await setUp(t, { MEDIAHOOKS_RECOVERY_RATE: '1' });
  await fail(['a', 'b', 'c'], 1);
  await recover(client, id, { since: LONG_AGO });
  await client.expect(200, 'DELETE', `/webhooks/${id}`);
  assertRefusal(await client.call('GET', `/webhooks/${id}/recoveries`), 'not_found', []);
  assert.deepEqual((await service.storage.bulkResends.running(null, 10)).items, []);
});

test('an invalid request is refused', async (t) => {
  const { client, newAccount, id } = await setUp(t);
  const path = `/webhooks/${id}/recover`;
  const call = (body: unknown) => client.call('POST', path, body);
  assertRefusal(await call({}), 'invalid_request', ['since']);
  assertRefusal(await call({ since: 'yesterday' }), 'invalid_request', ['since']);
  assertRefusal(await call({ since: '2020-12-31T23:59:60Z' }), 'invalid_request', ['since']);
  assertRefusal(await call({ since: '2999-01-01T00:00:00Z' }), 'invalid_request', ['since']);
  const reversed = { since: '2021-01-01T00:00:00Z', until: LONG_AGO };
  assertRefusal(await call(reversed), 'invalid_request', ['since']);
  const { client: stranger } = await newAccount();
  assertRefusal(await stranger.call('POST', path, { since: LONG_AGO }), 'not_found', []);
  assertRefusal(await stranger.call('GET', `/webhooks/${id}/recoveries`), 'not_found', []);
  assertRefusal(await client.call('POST', '/webhooks/1/recover', { since: LONG_AGO }), 'invalid_request', [
    'id',
  ]);
});
