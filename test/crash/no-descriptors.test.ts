import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { eventually } from '../../src/platform/testing/eventually.ts';
import { withholdDescriptors } from '../support/resources/descriptors.ts';
import { attemptsOf, deliveriesOf, untilAllEnded } from '../support/service/deliveries.ts';
import { publish, publishedEvent } from '../support/service/published-events.ts';
import { startServiceWithReceiver } from '../support/service/service-with-receiver.ts';

/** More events than failures open a circuit. */
const EVENTS = 12;
const SETTINGS = {
  // Each delivery would fail for good after two attempts, within a fifth of a second.
  MEDIAHOOKS_RETRY_DELAYS: '0.1',
  MEDIAHOOKS_LOG_LEVEL: 'info',
  MEDIAHOOKS_EGRESS_ALLOW: '127.0.0.0/8,::1/128',
};

const messagesOf = (log: string) => log.split('\n').filter((line) => line.includes('"msg"'));

async function readiness(url: string): Promise<{ status: number; message: string }> {
  const answer = await fetch(`${url}/readyz`);
  const body = (await answer.json()) as { message?: string };
  return { status: answer.status, message: body.message ?? '' };
}

async function publishTo(t: TestContext, hostOf: (url: string) => string) {
  const { service, receiver } = await startServiceWithReceiver(t, { settings: SETTINGS });
  const { client, operator } = service;
  const { id } = await client.createWebhook(hostOf(receiver.url), { partial_finished: true });
  return { service, receiver, client, operator, id };
}

test('without a file descriptor nothing fails: deliveries wait, /readyz says so, and all goes on by itself', async (t) => {
  // The second webhook has a name, so that the hosts file has to be read.
  const toName = (url: string) => url.replace('127.0.0.1', 'localhost');
  const { service, receiver, client, operator, id } = await publishTo(t, toName);
  const webhooks = (await client.expect(200, 'GET', '/webhooks')).data.webhooks.map(
    (webhook: { id: string }) => webhook.id,
  );
  assert.equal((await readiness(service.url)).status, 200);

  // From here on, the test uses the connection that it has to the service.
  const restore = withholdDescriptors(service.pid);
  const events = Array.from({ length: EVENTS }, (_, nth) => publishedEvent(client, `media-${nth}`, 1));
  assert.equal((await publish(operator, events))?.status, 202);
  await eventually('/readyz says what is missing', async () => {
    const { status, message } = await readiness(service.url);
    return status === 503 && message.includes('file descriptor');
  });
  await eventually('deliveries were tried again', async () => {
    const samples = await (await fetch(`${service.url}/metrics`)).text();
    const tried = /mediahooks_attempts_total\{outcome="not_sent"\} (\d+)/.exec(samples)?.[1];
    return Number(tried) > webhooks.length * EVENTS;
  });
  for (const webhook of webhooks) {
    const seen = await deliveriesOf(client, webhook);
    const states = seen.map(({ state, attempt_count }) => `${state} ${attempt_count}`);
    assert.deepEqual(new Set(states), new Set(['pending 0']));
    const { circuit, last_error } = (await client.expect(200, 'GET', `/webhooks/${webhook}`)).data.webhook;
    assert.deepEqual([circuit, last_error], ['closed', null]);
  }
  assert.equal(receiver.received.length, 0);

  restore();
  for (const webhook of webhooks) await untilAllEnded(client, webhook);
  assert.equal(receiver.received.length, webhooks.length * EVENTS, 'each delivery was sent once');
  for (const delivery of await deliveriesOf(client, id)) {
    const attempts = await attemptsOf(client, delivery.id);
    assert.deepEqual([delivery.state, attempts.length], ['succeeded', 1]);
  }
  assert.equal((await readiness(service.url)).status, 200);
  const entries = messagesOf((await service.terminate()).stderr);
  assert.equal(entries.filter((entry) => entry.includes('requests to receivers can not be sent')).length, 1);
  assert.ok(entries.some((entry) => entry.includes('"cause":"descriptors"')));
  assert.ok(!entries.some((entry) => /exhausted|does not answer/.test(entry)), entries.join('\n'));
});
