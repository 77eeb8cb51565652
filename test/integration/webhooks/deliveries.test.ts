import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { assertHeadersSent } from '../../support/receivers/headers-sent.ts';
import { type Answer, Receiver } from '../../support/receivers/receiver.ts';
import type { ApiClient } from '../../support/service/api-client.ts';
import { deliveriesOf, untilAllEnded } from '../../support/service/deliveries.ts';
import { assertRefusal } from '../../support/service/refusal.ts';
import { startTestService, type TestService } from '../../support/service/service.ts';

const FIELDS = [
  ...['id', 'webhook_id', 'event_id', 'event', 'media_id', 'state', 'attempt_count', 'next_attempt_at'],
  ...['pending_reason', 'waits_for', 'waits_until', 'last_attempt_at', 'last_status', 'last_error'],
  ...['created_at', 'ended_at'],
];

let service: TestService;

before(async () => {
  service = await startTestService({ MEDIAHOOKS_RETRY_DELAYS: '0.05,0.05,0.05' });
});

after(() => service.stop());

interface Subscription {
  readonly client: ApiClient;
  readonly receiver: Receiver;
  readonly id: string;
}

/** Creates an account with one webhook, to a receiver of its own. */
async function withSubscription(work: (subscription: Subscription) => Promise<void>): Promise<void> {
  const { client } = await service.newAccount();
  const receiver = await Receiver.start();
  try {
    const { id, secret } = await client.createWebhook(receiver.url);
    receiver.trust(secret);
    await work({ client, receiver, id });
  } finally {
    await receiver.stop();
  }
}

async function publish({ client }: Subscription, ...types: string[]): Promise<string> {
  const media_id = randomUUID();
  const { userId: user_id } = client.credentials;
  const events = types.map((type) => ({ type, event_id: randomUUID(), media_id, user_id }));
  await service.operator.expect(202, 'POST', '/events', events);
  return media_id;
}

const answerWith =
  (status: number, body = ''): Answer =>
  (_request, response) =>
    void response.writeHead(status).end(body);

test('deliveries are listed newest first, page by page, and filtered', async () => {
  await withSubscription(async (subscription) => {
    const { client, receiver, id } = subscription;
    receiver.answer((request, response) => {
      response.writeHead(request.event.type === 'encoding.failed' ? 500 : 200).end();
    });
    const media: string[] = [];
    for (let count = 0; count < 3; count += 1) {
      media.push(await publish(subscription, 'file.received', 'encoding.failed'));
    }
    await untilAllEnded(client, id);
    const list = async (query = '') =>
      (await client.expect(200, 'GET', `/webhooks/${id}/deliveries?${query}`)).data;
    const { deliveries: all, next_cursor } = await list();
    assert.equal(next_cursor, null);
    for (const delivery of all) assert.deepEqual(Object.keys(delivery), FIELDS);
    assert.deepEqual(
      all.map((one: Record<string, unknown>) => [one.media_id, one.event, one.state, one.attempt_count]),
      media.toReversed().flatMap((mediaId) => [
        [mediaId, 'encoding.failed', 'failed', 4],
        [mediaId, 'file.received', 'succeeded', 1],
      ]),
    );

    const paged: unknown[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page: { deliveries: unknown[]; next_cursor: string | null } = await list(
        `limit=4${cursor && `&cursor=${cursor}`}`,
      );
      assert.ok(page.deliveries.length > 0 && page.deliveries.length <= 4);
      paged.push(...page.deliveries);
      cursor = page.next_cursor;
    }
    assert.deepEqual(paged, all);

    const only = (field: string, value: string) =>
      all.filter((delivery: Record<string, unknown>) => delivery[field] === value);
    assert.deepEqual((await list('state=failed')).deliveries, only('state', 'failed'));
    assert.deepEqual((await list('state=pending')).deliveries, []);
    assert.deepEqual((await list('event=file.received')).deliveries, only('event', 'file.received'));
    assert.deepEqual((await list('event=file.received&state=failed')).deliveries, []);
    for (const [query, field] of [
      ['limit=0', 'limit'],
      ['limit=101', 'limit'],
      ['state=lost', 'state'],
      ['event=none', 'event'],
      ['cursor=abc', 'cursor'],
      ['cursor=-1', 'cursor'],
    ] as const) {
      const answer = await client.call('GET', `/webhooks/${id}/deliveries?${query}`);
      assertRefusal(answer, 'invalid_request', [field]);
    }
  });
});

test('a delivery shows the event, and the result of every attempt', async () => {
  await withSubscription(async (subscription) => {
    const { client, receiver, id } = subscription;
    receiver.answer((request, response, nth) => {
      // The second request has a connection of its own, because a request on a kept one would be sent once more.
      response.shouldKeepAlive = false;
      if (nth === 1) answerWith(500, 'é'.repeat(5000))(request, response, nth);
      else if (nth === 2) response.destroy();
      else answerWith(204)(request, response, nth);
    });
    await publish(subscription, 'encoding.finished');
    await untilAllEnded(client, id);
    const [{ id: deliveryId } = assert.fail()] = await deliveriesOf(client, id);
    const { delivery } = (await client.expect(200, 'GET', `/deliveries/${deliveryId}`)).data;
    assert.deepEqual(Object.keys(delivery), [...FIELDS, 'body', 'attempts']);
    assert.deepEqual([delivery.state, delivery.attempt_count, delivery.webhook_id], ['succeeded', 3, id]);
    const attempts: Record<string, unknown>[] = delivery.attempts;
    assert.deepEqual(
      attempts.map(({ number, status }) => [number, status]),
      [
        [1, 500],
        [2, null],
        [3, 204],
      ],
    );
    const [first, second, third] = attempts;
    assert.match(String(first?.error), /answered 500/);
    assert.equal(first?.response, 'é'.repeat(512));
    assert.match(String(second?.error), /closed the connection/);
    assert.equal(second?.response, null);
    assert.deepEqual([third?.error, third?.response], [null, '']);
    for (const { at, duration_ms } of attempts) {
      assert.match(String(at), /Z$/);
      assert.ok(Number.isInteger(duration_ms) && Number(duration_ms) >= 0);
    }
    for (const { body, id: eventId, verified } of receiver.received) {
      assert.deepEqual([body, eventId, verified], [delivery.body, delivery.event_id, true]);
    }
    for (const [n, { url, headers }] of attempts.entries()) {
      assert.equal(url, receiver.url);
      assertHeadersSent(headers as Record<string, string>, receiver.received[n] ?? assert.fail());
    }
    const { webhook } = (await client.expect(200, 'GET', `/webhooks/${id}`)).data;
    assert.equal(webhook.last_triggered_at, third?.at);
  });
});

test('a failed delivery is resent by hand: the same id, the same bytes, a whole new schedule', async () => {
  await withSubscription(async (subscription) => {
    const { client, receiver, id } = subscription;
    receiver.answer(answerWith(503));
    await publish(subscription, 'encoding.finished');
    await untilAllEnded(client, id);
    const [failed = assert.fail()] = await deliveriesOf(client, id);
    assert.deepEqual([failed.state, failed.attempt_count], ['failed', 4]);

    receiver.answer((request, response, nth) => answerWith(nth < 8 ? 503 : 200)(request, response, nth));
    const answer = await client.expect(202, 'POST', `/deliveries/${failed.id}/retry`);
    assert.deepEqual(Object.keys(answer), ['status', 'message']);
    await untilAllEnded(client, id);
    const [again] = await deliveriesOf(client, id);
    assert.deepEqual([again?.id, again?.state, again?.attempt_count], [failed.id, 'succeeded', 8]);
    assert.equal(receiver.received.length, 8);
    assert.equal(new Set(receiver.received.map((received) => received.id)).size, 1);
    assert.equal(new Set(receiver.received.map((received) => received.body)).size, 1);
    assert.ok(receiver.received.every(({ verified }) => verified));

    await client.expect(202, 'POST', `/deliveries/${failed.id}/retry`);
    await receiver.untilCount(9);
  });
});

test('each attempt shows the URL and the headers of its own request, whatever the webhook is now', async () => {
  await withSubscription(async (subscription) => {
    const { client, receiver, id } = subscription;
    const other = await Receiver.start();
    other.answer(answerWith(200));
    receiver.answer((_request, response) => {
      const changes = { url: other.url, headers: { 'X-Token': 's3cret' }, signature: 'both' };
      client.expect(200, 'PATCH', `/webhooks/${id}`, changes).then(
        () =>
          client
            .expect(200, 'POST', `/webhooks/${id}/secret/rotate`)
            .then(() => response.writeHead(500).end()),
        () => response.destroy(),
      );
    });
    await publish(subscription, 'encoding.finished');
    await untilAllEnded(client, id);
    await client.expect(200, 'PATCH', `/webhooks/${id}`, { headers: {}, url: receiver.url });
    await client.expect(200, 'DELETE', `/webhooks/${id}`);
    const [{ id: deliveryId } = assert.fail()] = await deliveriesOf(client, id);
    const { attempts } = (await client.expect(200, 'GET', `/deliveries/${deliveryId}`)).data.delivery;
    const urls = attempts.map(({ url }: { url: string }) => url);
    assert.deepEqual(urls, [receiver.url, other.url]);
    for (const [n, at] of [receiver, other].entries())
      assertHeadersSent(attempts[n].headers, at.received[0] ?? assert.fail());
    assert.equal(attempts[1].headers['X-Token'], '********');
    assert.match(attempts[1].headers['webhook-signature'], /^v1,\*+ v1,\*+ v1a,\*+ v1a,\*+$/);
    await other.stop();
  });
});

test('unknown and malformed ids are refused', async () => {
  const { client } = service;
  assertRefusal(await client.call('GET', `/deliveries/${randomUUID()}`), 'not_found', []);
  assertRefusal(await client.call('POST', `/deliveries/${randomUUID()}/retry`), 'not_found', []);
  assertRefusal(await client.call('GET', '/deliveries/1'), 'invalid_request', ['id']);
  assertRefusal(await client.call('POST', '/deliveries/1/retry'), 'invalid_request', ['id']);
  assertRefusal(await client.call('GET', `/webhooks/${randomUUID()}/deliveries`), 'not_found', []);
});
