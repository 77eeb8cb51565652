import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { eventually } from '../../../src/platform/testing/eventually.ts';
import { Receiver } from '../../support/receivers/receiver.ts';
import type { ApiClient } from '../../support/service/api-client.ts';
import { type DeliverySeen, deliveriesOf } from '../../support/service/deliveries.ts';
import { startTestService, type TestService } from '../../support/service/service.ts';

let service: TestService;
let receiver: Receiver;

before(async () => {
  // One request at a time to each webhook, and retries that no test waits for.
  service = await startTestService({ MEDIAHOOKS_WEBHOOK_CONCURRENCY: '1', MEDIAHOOKS_RETRY_DELAYS: '600' });
  receiver = await Receiver.start();
});

after(async () => {
  await service.stop();
  await receiver.stop();
});

async function newWebhook(): Promise<{ client: ApiClient; id: string }> {
  const { client } = await service.newAccount();
  return { client, id: (await client.createWebhook(receiver.url)).id };
}

/** Publishes one event for each media, in this order. */
async function publish({ credentials: { userId: user_id } }: ApiClient, ...media: string[]): Promise<void> {
  const events = media.map((media_id) => ({
    type: 'file.received',
    event_id: randomUUID(),
    media_id,
    user_id,
  }));
  await service.operator.expect(202, 'POST', '/events', events);
}

function reasonsOf(deliveries: readonly DeliverySeen[]) {
  return deliveries.map(({ pending_reason, waits_for, waits_until }) => [
    pending_reason,
    waits_for,
    waits_until,
  ]);
}

async function untilReasons(
  client: ApiClient,
  id: string,
  expected: readonly (string | null)[],
): Promise<DeliverySeen[]> {
  let seen: DeliverySeen[] = [];
  await eventually(`the reasons are ${expected.join(', ')}`, async () => {
    seen = await deliveriesOf(client, id);
    return JSON.stringify(seen.map((delivery) => delivery.pending_reason)) === JSON.stringify(expected);
  });
  return seen;
}

test('a delivery is being sent, waits in its lane, or is queued for a request; a pause comes before all of these', async () => {
  const { client, id } = await newWebhook();
  const held: (() => void)[] = [];
  receiver.answer((_request, response) => void held.push(() => response.end()));
  await publish(client, 'm1', 'm1', 'm2');
  await receiver.untilCount(1);
  const [first, second, third] = await untilReasons(client, id, ['sending', 'lane', 'queued']);
  assert.deepEqual(reasonsOf([first, second, third].filter((one) => one !== undefined)), [
    ['sending', null, null],
    ['lane', first?.id, null],
    ['queued', null, null],
  ]);
  assert.deepEqual(
    (await client.expect(200, 'GET', `/deliveries/${second?.id}`)).data.delivery.waits_for,
    first?.id,
  );

  await client.expect(200, 'POST', `/webhooks/${id}/pause`);
  const paused = await untilReasons(client, id, ['sending', 'paused', 'paused']);
  assert.deepEqual(reasonsOf(paused).slice(1), [
    ['paused', first?.id, null],
    ['paused', null, null],
  ]);
  await client.expect(200, 'POST', `/webhooks/${id}/resume`);
  receiver.answer((_request, response) => void response.end());
  for (const answer of held) answer();
  const ended = await untilReasons(client, id, [null, null, null]);
  assert.deepEqual(reasonsOf(ended), Array(3).fill([null, null, null]));
});

test('a delivery whose attempt failed waits for its schedule, and the list says how the attempt ended', async () => {
  const { client, id } = await newWebhook();
  receiver.answer((_request, response) => void response.writeHead(503).end('busy'));
  await publish(client, 'm1', 'm1');
  const [first = assert.fail()] = await untilReasons(client, id, ['schedule', 'lane']);
  const { deliveries } = (await client.expect(200, 'GET', '/deliveries?media_id=m1')).data;
  const { last_status, last_error, last_attempt_at, waits_until, next_attempt_at } = deliveries[1];
  assert.deepEqual([last_status, last_error], [503, 'the receiver answered 503']);
  assert.equal(waits_until, next_attempt_at);
  const waited = Date.parse(waits_until) - Date.parse(last_attempt_at);
  assert.ok(waited >= 600_000 && waited < 700_000, `${waited} ms`);
  assert.deepEqual(
    [deliveries[0].waits_for, deliveries[0].last_status, deliveries[0].last_attempt_at],
    [first.id, null, null],
  );
});

test('while the circuit is open, due deliveries wait for the next probe', async () => {
  const { client, id } = await newWebhook();
  receiver.answer((_request, response) => void response.destroy());
  await publish(client, ...Array.from({ length: 10 }, (_, n) => `m${n}`));
  const webhook = async () => (await client.expect(200, 'GET', `/webhooks/${id}`)).data.webhook;
  await eventually('the circuit opens', async () => (await webhook()).circuit !== 'closed');
  await publish(client, 'due', 'due');
  const [first, second] = await eventuallyIn(async () => {
    const all = (await client.expect(200, 'GET', '/deliveries?media_id=due')).data.deliveries.toReversed();
    return all.every((one: DeliverySeen) => one.pending_reason === 'circuit' && one.waits_until !== null)
      ? all
      : null;
  });
  assert.deepEqual([first.waits_for, second.waits_for], [null, first.id]);
  assert.ok(Date.parse(first.waits_until) > Date.parse(first.created_at));
  const scheduled = (await client.expect(200, 'GET', '/deliveries?media_id=m1')).data.deliveries;
  assert.deepEqual([scheduled[0].pending_reason, scheduled[0].last_status], ['schedule', null]);
  assert.match(scheduled[0].last_error, /closed the connection/);
});

/** Returns the first result of `read` that is not null. */
async function eventuallyIn<T>(read: () => Promise<T | null>): Promise<T> {
  let found: T | null = null;
  await eventually('it is there', async () => {
    found = await read();
    return found !== null;
  });
  return found ?? assert.fail();
}

test('all deliveries of an account are listed, or those of one webhook of the account', async () => {
  const { client, id } = await newWebhook();
  const { id: other } = await client.createWebhook(receiver.url);
  receiver.answer((_request, response) => void response.end());
  await publish(client, 'm1');
  const list = async (query: string) =>
    (await client.expect(200, 'GET', `/deliveries?${query}`)).data.deliveries.map(
      (delivery: { webhook_id: string }) => delivery.webhook_id,
    );
  assert.deepEqual((await list('')).toSorted(), [id, other].toSorted());
  assert.deepEqual(await list(`webhook_id=${other.toUpperCase()}`), [other]);
  assert.deepEqual(await list('media_id=m2'), []);
  await client.expect(404, 'GET', `/deliveries?webhook_id=${randomUUID()}`);
  const stranger = (await service.newAccount()).client;
  await stranger.expect(404, 'GET', `/deliveries?webhook_id=${id}`);
  assert.deepEqual((await stranger.expect(200, 'GET', '/deliveries?media_id=m1')).data, {
    deliveries: [],
    next_cursor: null,
  });
});
