import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { makeClip } from '../../support/media/clips.ts';
import { Receiver } from '../../support/receivers/receiver.ts';
import { untilAllEnded } from '../../support/service/deliveries.ts';
import { scrape, untilSamples } from '../../support/service/metrics.ts';
import { publish, publishedEvent } from '../../support/service/published-events.ts';
import { startTestService, type TestService } from '../../support/service/service.ts';

const TOKEN = 'a-token-for-metrics';

let service: TestService;
let receiver: Receiver;

before(async () => {
  service = await startTestService({ MEDIAHOOKS_RETRY_DELAYS: '' });
  receiver = await Receiver.start();
});

after(async () => {
  await service.stop();
  await receiver.stop();
});

test('metrics count what was accepted, sent, delivered and failed', async () => {
  const { client, operator } = service;
  const { id, secret } = await client.createWebhook(receiver.url);
  receiver.trust(secret);
  receiver.answer((request, response) => {
    response.statusCode = request.event.media_id === 'refused' ? 500 : 200;
    response.end();
  });
  const repeated = publishedEvent(client, 'taken', 1);
  await publish(operator, [repeated, publishedEvent(client, 'refused', 1)]);
  await publish(operator, [repeated]);
  await untilAllEnded(client, id);
  const nowhere = await client.createWebhook('http://127.0.0.1:2/');
  await publish(operator, [publishedEvent(client, 'taken', 2)]);
  await untilAllEnded(client, id);
  await untilAllEnded(client, nowhere.id);

  const { type } = repeated;
  const samples = await untilSamples(service.service.url, {
    [`mediahooks_events_accepted_total{type="${type}"}`]: 3,
    [`mediahooks_events_repeated_total{type="${type}"}`]: 1,
    'mediahooks_deliveries_ended_total{state="succeeded"}': 2,
    'mediahooks_deliveries_ended_total{state="failed"}': 2,
    'mediahooks_deliveries_ended_total{state="cancelled"}': 0,
    'mediahooks_attempts_total{outcome="2xx"}': 2,
    'mediahooks_attempts_total{outcome="5xx"}': 1,
    'mediahooks_attempts_total{outcome="connection"}': 1,
    'mediahooks_attempts_total{outcome="timeout"}': 0,
    mediahooks_send_duration_seconds_count: 4,
    'mediahooks_commit_size_sum{operation="publish"}': 4,
    'mediahooks_commit_size_sum{operation="settle"}': 4,
    mediahooks_requests_in_flight: 0,
    mediahooks_deliveries_held: 0,
    mediahooks_deliveries_due: 0,
    mediahooks_deliveries_due_lag_seconds: 0,
  });
  for (const operation of ['publish', 'settle']) {
    assert.ok(Number(samples.get(`mediahooks_commit_duration_seconds_count{operation="${operation}"}`)) > 0);
  }
  assert.ok(Number(samples.get('process_cpu_seconds_total')) > 0);
  assert.ok(Number(samples.get('process_resident_memory_bytes')) > 10_000_000);
  await client.expect(200, 'DELETE', `/webhooks/${nowhere.id}`);
});

test('removing a webhook cancels its pending deliveries, and metrics count them', async () => {
  const { client, operator } = service;
  const { id, secret } = await client.createWebhook(receiver.url);
  receiver.trust(secret);
  const held: (() => void)[] = [];
  receiver.answer((request, response) => {
    if (request.event.media_id === 'held') held.push(() => response.end());
    else response.end();
  });
  const before = await scrape(service.service.url);
  await publish(
    operator,
    [1, 2, 3].map((number) => publishedEvent(client, 'held', number)),
  );
  await receiver.until(() => held.length > 0);
  const during = await scrape(service.service.url);
  assert.ok(Number(during.get('mediahooks_requests_in_flight')) >= 1);
  assert.ok(Number(during.get('mediahooks_deliveries_held')) >= 1);
  await client.expect(200, 'DELETE', `/webhooks/${id}`);
  for (const answer of held) answer();
  const name = 'mediahooks_deliveries_ended_total{state="cancelled"}';
  await untilSamples(service.service.url, { [name]: Number(before.get(name)) + 3 });
});

test('uploads and encodes are counted', async () => {
  const { client } = service;
  receiver.answer((_request, response) => void response.end());
  const { id: webhookId, secret } = await client.createWebhook(receiver.url);
  receiver.trust(secret);
  const good = await client.upload(await makeClip(), { qualities: [{ resolution: '144p' }] });
  const bad = await client.upload(Buffer.from('no media'), { qualities: [{ resolution: '144p' }] });
  const { id } = await client.createMedia();
  assert.equal((await client.uploadPart(id, { bytes: Buffer.from('x'), hash: '0'.repeat(32) })).status, 400);
  await receiver.until(() => receiver.types(good).includes('encoding.finished'));
  await receiver.until(() => receiver.types(bad).includes('encoding.failed'));
  await untilAllEnded(client, webhookId);
  await untilSamples(service.service.url, {
    'mediahooks_upload_parts_total{outcome="finished"}': 2,
    'mediahooks_upload_parts_total{outcome="failed"}': 1,
    mediahooks_upload_parts_running: 0,
    mediahooks_uploads_finished_total: 2,
    'mediahooks_encodes_total{outcome="finished"}': 1,
    'mediahooks_encodes_total{outcome="failed"}': 1,
    mediahooks_encoders_running: 0,
    mediahooks_encodes_waiting: 0,
  });
});

test('if a token is set, only callers with the token may read metrics', async () => {
  const closed = await startTestService({ MEDIAHOOKS_METRICS_TOKEN: TOKEN });
  try {
    const { url } = closed.service;
    const { token } = closed.operator.credentials;
    for (const authorization of ['', `Bearer ${TOKEN}x`, `Bearer ${token}`, `Basic ${TOKEN}`, 'Bearer']) {
      const response = await fetch(`${url}/metrics`, { headers: authorization ? { authorization } : {} });
      assert.equal(response.status, 401, authorization);
      assert.equal(((await response.json()) as { code: string }).code, 'unauthorized');
    }
    const samples = await scrape(url, { authorization: `Bearer ${TOKEN}` });
    assert.ok(samples.size > 50);
    assert.equal((await fetch(`${url}/healthz`)).status, 200);
  } finally {
    await closed.stop();
  }
});
