import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../../../src/platform/testing/eventually.ts';
import { attemptsOf, deliveriesOf, untilAllEnded } from '../../support/service/deliveries.ts';
import { untilSamples } from '../../support/service/metrics.ts';
import { publish, publishedEvent } from '../../support/service/published-events.ts';
import { startServiceWithReceiver } from '../../support/service/service-with-receiver.ts';

const KEPT_SECONDS = 5;
const SETTINGS = {
  MEDIAHOOKS_RETENTION_DAYS: String(KEPT_SECONDS / 86_400),
  MEDIAHOOKS_RETRY_DELAYS: '3600',
};

test('ended deliveries are removed when they are old; pending ones stay, and are delivered', async (t) => {
  const { service, receiver, webhookId } = await startServiceWithReceiver(t, { settings: SETTINGS });
  const { client, operator } = service;
  receiver.answer((request, response) => {
    response.statusCode = request.event.media_id === 'owed' ? 500 : 200;
    response.end();
  });
  const events = ['taken', 'owed'].map((media) => publishedEvent(client, media, 1));
  assert.equal((await publish(operator, events))?.status, 202);
  assert.equal((await publish(operator, events))?.status, 202, 'a repeat, which is not delivered');

  const owed = await eventually('what was taken is gone', async () => {
    const [first, ...others] = await deliveriesOf(client, webhookId);
    return others.length === 0 && first?.attempt_count === 1 ? first : null;
  });
  assert.deepEqual([owed.media_id, owed.state], ['owed', 'pending']);
  assert.equal((await attemptsOf(client, owed.id)).length, 1);
  await untilSamples(service.url, {
    'mediahooks_retention_removed_total{kind="events"}': 1,
    'mediahooks_retention_removed_total{kind="deliveries"}': 1,
    'mediahooks_retention_removed_total{kind="webhooks"}': 0,
  });

  receiver.answer((_request, response) => void response.end());
  await client.expect(202, 'POST', `/deliveries/${owed.id}/retry`);
  await untilAllEnded(client, webhookId);
  assert.equal((await publish(operator, events))?.status, 202, 'the key of what is gone is free again');
  await receiver.untilCount(4);
  const titles = receiver.titles();
  assert.deepEqual(titles.toSorted(), ['owed/1', 'owed/1', 'taken/1', 'taken/1']);
});
