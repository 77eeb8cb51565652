import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually } from '../../../src/platform/testing/eventually.ts';
import { basicHeaders } from '../../support/service/api-client.ts';
import { deliveriesOf, untilAllEnded } from '../../support/service/deliveries.ts';
import { publishedEvent } from '../../support/service/published-events.ts';
import { startServiceWithReceiver } from '../../support/service/service-with-receiver.ts';
import { SmallDisk } from '../../support/storage/small-disk.ts';

const SETTINGS = {
  MEDIAHOOKS_LOG_LEVEL: 'info',
  MEDIAHOOKS_RETRY_DELAYS: '0,0',
  MEDIAHOOKS_METRICS_TOKEN: 'a-token-for-metrics',
};

function entriesOf(stderr: string): Record<string, unknown>[] {
  const lines = stderr.split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line));
}

test('an exhausted delivery has one entry, with all its ids and the reason; no secret is logged', async (t) => {
  const { service, receiver, webhookId, publishOne } = await startServiceWithReceiver(t, {
    settings: SETTINGS,
  });
  receiver.answer((request, response) => {
    response.statusCode = request.event.media_id === 'refused' ? 500 : 200;
    response.end('told in confidence');
  });
  await publishOne('refused', 1);
  await publishOne('taken', 1);
  await untilAllEnded(service.client, webhookId);
  const { data } = await service.client.expect(200, 'GET', `/webhooks/${webhookId}/secret`);
  const failed = (await deliveriesOf(service.client, webhookId)).find(({ state }) => state === 'failed');
  const { stderr } = await service.terminate();

  const exhausted = entriesOf(stderr).filter(({ msg }) => msg === 'a delivery was exhausted');
  assert.equal(exhausted.length, 1);
  const { delivery, webhook, event, media, attempts, status, reason } = exhausted[0] ?? {};
  assert.deepEqual(
    { delivery, webhook, event, media, attempts, status, reason },
    {
      delivery: failed?.id,
      webhook: webhookId,
      event: receiver.received.find((request) => request.event.media_id === 'refused')?.id,
      media: 'refused',
      attempts: 3,
      status: 500,
      reason: 'the receiver answered 500',
    },
  );
  const { publicKey, secretKey, token } = service.client.credentials;
  const basic = basicHeaders(publicKey, secretKey).authorization.replace('Basic ', '');
  const secrets = [
    data.secret,
    secretKey,
    token,
    basic,
    SETTINGS.MEDIAHOOKS_METRICS_TOKEN,
    'told in confidence',
  ];
  for (const secret of secrets) assert.ok(!stderr.includes(secret), stderr);
});

test('a request that ended with 5xx has one entry, with its id and its account', async (t) => {
  const disk = SmallDisk.mount(24);
  if (typeof disk === 'string') return t.skip(disk);
  const { service } = await startServiceWithReceiver(t, {
    dataDir: join(disk.path, 'data'),
    settings: SETTINGS,
  });
  t.after(() => disk.unmount());
  const { client, operator } = service;
  await disk.fill();
  let number = 0;
  const requestId = await eventually('publishing is refused', async () => {
    number += 1;
    const id = `publishing-${number}`;
    const event = publishedEvent(client, `m${number}`, 1);
    const { status } = await operator.call('POST', '/events', event, { 'x-request-id': id });
    return status === 503 ? id : null;
  });
  await disk.free();
  const { stderr } = await service.terminate();
  const entries = entriesOf(stderr).filter(({ request }) => request === requestId);
  const [{ msg, code, account, url } = {}] = entries;
  assert.deepEqual(
    [entries.length, msg, code, account, url],
    [1, 'request failed', 'storage_full', operator.credentials.userId, '/api/events'],
  );
});
