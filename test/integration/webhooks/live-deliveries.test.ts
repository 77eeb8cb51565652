import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Receiver } from '../../support/receivers/receiver.ts';
import type { ApiClient } from '../../support/service/api-client.ts';
import { ConsoleBrowser } from '../../support/service/console-browser.ts';
import { EventStreamClient, type StreamedEvent } from '../../support/service/event-stream.ts';
import { publishedEvent } from '../../support/service/published-events.ts';
import { assertRefusal } from '../../support/service/refusal.ts';
import { startTestService, type TestService } from '../../support/service/service.ts';

const LIVE = '/api/webhooks/deliveries/live';

let service: TestService;
let receiver: Receiver;

before(async () => {
  receiver = await Receiver.start();
  service = await startTestService({ MEDIAHOOKS_RETRY_DELAYS: '1' });
});

after(async () => {
  await service.stop();
  await receiver.stop();
});

/** An account with a webhook, whose deliveries other tests don't see. */
async function newOwner(): Promise<{ owner: ApiClient; webhookId: string }> {
  const owner = (await service.newAccount()).client;
  return { owner, webhookId: (await owner.createWebhook(receiver.url)).id };
}

function listen({ headers }: ApiClient, query = ''): Promise<EventStreamClient> {
  return EventStreamClient.open(`${service.service.url}${LIVE}${query}`, headers);
}

async function publish(owner: ApiClient, mediaId: string): Promise<void> {
  await service.operator.expect(202, 'POST', '/events', publishedEvent(owner, mediaId, 1));
}

const hasSucceeded = ({ data }: StreamedEvent) => data.state === 'succeeded';

test('a delivery is shown as it changes, as the list shows it, and to its account only', async () => {
  const { owner, webhookId } = await newOwner();
  const stranger = await newOwner();
  const [stream, other] = [await listen(owner), await listen(stranger.owner)];
  assert.equal(stream.headers.get('cache-control'), 'no-store');
  assert.deepEqual((await stream.next())?.data, { resumed: false });
  await other.next();
  await publish(owner, 'live-1');
  const seen = await stream.until(hasSucceeded);
  const listed = (await owner.expect(200, 'GET', `/webhooks/${webhookId}/deliveries`)).data.deliveries;
  const last = seen.at(-1)?.data;
  assert.ok(Math.abs(Date.parse(last.ended_at) - Date.parse(listed[0].ended_at)) < 1_000);
  assert.deepEqual({ ...last, ended_at: listed[0].ended_at }, listed[0]);
  // The stranger's own delivery is the first thing that the stranger sees.
  await publish(stranger.owner, 'live-2');
  const [first] = await other.until(hasSucceeded);
  assert.equal(first?.data.media_id, 'live-2');
  for (const one of [stream, other]) one.close();
});

test('a failed attempt is shown with its error and the time of the next one', async () => {
  const { owner } = await newOwner();
  let requests = 0;
  receiver.answer((_request, response) => {
    requests += 1;
    response.writeHead(requests === 1 ? 500 : 200).end();
  });
  const stream = await listen(owner);
  await publish(owner, 'live-fails');
  const seen = await stream.until(hasSucceeded);
  const failed = seen.filter(({ data }) => data.last_status === 500);
  assert.equal(failed.length, 1);
  for (const { data } of failed)
    assert.deepEqual([data.state, data.pending_reason, data.attempt_count], ['pending', 'schedule', 1]);
  assert.equal(seen.at(-1)?.data.attempt_count, 2);
  receiver.answer((_request, response) => response.writeHead(200).end());
  stream.close();
});

test('filters let through what the list would show', async () => {
  const { owner, webhookId } = await newOwner();
  const streams = await Promise.all(
    ['?media_id=wanted', '?state=succeeded', `?webhook_id=${webhookId}&event=encoding.failed`].map((query) =>
      listen(owner, query),
    ),
  );
  const [ofMedia, succeeded, ofEvent] = streams as [EventStreamClient, EventStreamClient, EventStreamClient];
  for (const one of streams) await one.next();
  await publish(owner, 'other');
  await succeeded.until(({ data }) => data.media_id === 'other');
  await publish(owner, 'wanted');
  assert.ok((await ofMedia.until(hasSucceeded)).every(({ data }) => data.media_id === 'wanted'));
  assert.equal((await succeeded.next())?.data.media_id, 'wanted');
  const failure = { ...publishedEvent(owner, 'failed-one', 1), type: 'encoding.failed' };
  await service.operator.expect(202, 'POST', '/events', failure);
  assert.equal((await ofEvent.next())?.data.event, 'encoding.failed');
  for (const one of streams) one.close();
});

test('a listener that comes back gets what it has missed; one that comes too late is told to read the list', async () => {
  const { owner } = await newOwner();
  const stream = await listen(owner);
  const opened = await stream.next();
  await publish(owner, 'seen');
  const seen = await stream.until(hasSucceeded);
  stream.close();
  await publish(owner, 'missed');
  const watcher = await listen(owner, '?media_id=missed2');
  await watcher.next();
  const cursor = seen.at(-1)?.id ?? assert.fail();
  const again = await listen(owner, `?after=${cursor}`);
  assert.deepEqual((await again.next())?.data, { resumed: true });
  const missed = await again.until(hasSucceeded);
  assert.ok(missed.every(({ data }) => data.media_id === 'missed'));
  const all = await listen(owner, `?after=${opened?.id}`);
  await all.next();
  assert.equal((await all.next())?.data.media_id, 'seen');
  const unknown = await listen(owner, '?after=anotherfeed.3');
  assert.deepEqual((await unknown.next())?.data, { resumed: false });
  for (const one of [watcher, again, all, unknown]) one.close();
});

test('a stream ends at once with its session, and after its time', async () => {
  const { publicKey: public_key, secretKey: secret_key } = service.client.credentials;
  const browser = new ConsoleBrowser(service.service.url);
  await browser.signIn({ public_key, secret_key });
  const headers = { cookie: browser.cookie, 'x-mediahooks-console': '1', 'sec-fetch-site': 'same-origin' };
  const stream = await EventStreamClient.open(service.service.url + LIVE, headers);
  await stream.next();
  await browser.expect(200, 'DELETE', '/api/console/session');
  assert.deepEqual(await stream.next(), { event: 'end', id: null, data: { reason: 'signed_out' } });
  assert.equal(await stream.next(), null);
  const short = await listen(service.client, '?seconds=0');
  const events = await short.until(({ event }) => event === 'end');
  assert.deepEqual(
    events.map(({ event, data }) => [event, data]),
    [
      ['open', { resumed: false }],
      ['end', { reason: 'time' }],
    ],
  );
  assert.equal(await short.next(), null);
});

test('an account has at most twenty streams, and a webhook of another account is not found', async () => {
  const { owner } = await newOwner();
  const streams: EventStreamClient[] = [];
  for (let n = 0; n < 20; n += 1) streams.push(await listen(owner));
  const path = LIVE.replace('/api', '');
  assertRefusal(await owner.call('GET', path), 'limit_reached');
  streams.pop()?.close();
  const { webhookId } = await newOwner();
  assertRefusal(await owner.call('GET', `${path}?webhook_id=${webhookId}`), 'not_found');
  for (const one of streams) one.close();
});

test('a stop of the service ends streams with a word, and is not delayed by them', async () => {
  const stopping = await startTestService();
  const { client } = stopping;
  const stream = await EventStreamClient.open(stopping.service.url + LIVE, client.headers);
  await stream.next();
  const begun = performance.now();
  await stopping.stop();
  assert.ok(performance.now() - begun < 2_000);
  assert.deepEqual((await stream.next())?.data, { reason: 'stopping' });
});
