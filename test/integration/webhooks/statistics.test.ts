import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Receiver } from '../../support/receivers/receiver.ts';
import { untilAllEnded } from '../../support/service/deliveries.ts';
import { publishedEvent } from '../../support/service/published-events.ts';
import { startTestService, type TestService } from '../../support/service/service.ts';

interface Hour {
  readonly at: string;
  readonly [counter: string]: number | string;
}

let service: TestService;
let receiver: Receiver;

before(async () => {
  receiver = await Receiver.start();
  service = await startTestService({ MEDIAHOOKS_RETRY_DELAYS: '0' });
});

after(async () => {
  await service.stop();
  await receiver.stop();
});

/** Returns the sum of a counter over all hours, because a test may run while an hour ends. */
function sum(hours: readonly Hour[], counter: string): number {
  return hours.reduce((total, hour) => total + Number(hour[counter]), 0);
}

test('attempts are counted by webhook and account, and are there at once', async () => {
  const { client, operator } = service;
  receiver.answer((request, response) =>
    response.writeHead(request.event.media_id === 'fails' ? 500 : 200).end(),
  );
  const { id } = await client.createWebhook(receiver.url);
  const { id: idle } = await client.createWebhook('https://example.com/');
  await client.expect(200, 'POST', `/webhooks/${idle}/pause`);
  for (const media of ['one', 'two', 'fails'])
    await operator.expect(202, 'POST', '/events', publishedEvent(client, media, 1));
  await untilAllEnded(client, id);
  for (const round of ['before a store', 'after it']) {
    const { data } = await client.expect(200, 'GET', '/webhooks/statistics');
    assert.deepEqual([data.hours, data.webhooks.length], [24, 2]);
    const ofWebhook: Hour[] = data.webhooks.find(
      (one: { webhook_id: string }) => one.webhook_id === id,
    ).hours;
    for (const hours of [ofWebhook, data.total as Hour[]]) {
      const counters = ['attempts', 'acknowledged', 'unanswered', 'succeeded', 'failed'];
      assert.deepEqual(
        counters.map((counter) => sum(hours, counter)),
        [4, 2, 0, 2, 1],
        round,
      );
    }
    const other = data.webhooks.find((one: { webhook_id: string }) => one.webhook_id === idle);
    assert.deepEqual(other.hours, []);
  }
  const stranger = (await service.newAccount()).client;
  const { data } = await stranger.expect(200, 'GET', '/webhooks/statistics?hours=168');
  assert.deepEqual([data.total, data.webhooks], [[], []]);
});
