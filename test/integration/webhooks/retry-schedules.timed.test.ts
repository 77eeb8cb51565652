import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { eventually } from '../../../src/platform/testing/eventually.ts';
import { type Answer, countingAnswers, Receiver } from '../../support/receivers/receiver.ts';
import { ALL_EVENTS, type ApiClient } from '../../support/service/api-client.ts';
import { attemptsOf, type DeliverySeen, deliveriesOf } from '../../support/service/deliveries.ts';
import { publish, publishedEvent } from '../../support/service/published-events.ts';
import { startTestService } from '../../support/service/service.ts';

/** The service's own schedule in these tests. Its delay is too long for any retry to happen. */
const LONG_S = 1_000;
/** Maximum lateness of an attempt, in milliseconds. */
const LATE_MS = 500;

/** Starts a service, and a webhook with policies of its own to a receiver with the given answer. */
async function setUp(t: TestContext, policies: Record<string, unknown>, answer: Answer) {
  const service = await startTestService({ MEDIAHOOKS_RETRY_DELAYS: String(LONG_S) });
  t.after(() => service.stop());
  const receiver = await Receiver.start();
  t.after(() => receiver.stop());
  receiver.answer(answer);
  const { client, operator } = service;
  const { id } = await client.createWebhook(receiver.url, { ...ALL_EVENTS, ...policies });
  const publishOne = async (mediaId: string, number: number) => {
    assert.equal((await publish(operator, [publishedEvent(client, mediaId, number)]))?.status, 202);
  };
  return { client, receiver, id, publishOne };
}

/** Returns the webhook's one delivery, once the given number of its attempts is recorded. */
function untilAttempted(client: ApiClient, webhookId: string, attempts: number): Promise<DeliverySeen> {
  return eventually(`${attempts} attempts are recorded`, async () => {
    const [delivery] = await deliveriesOf(client, webhookId, 'pending');
    return delivery?.attempt_count === attempts && delivery;
  });
}

/** Returns the milliseconds from the first attempt of the webhook's one delivery to the due time of the second. */
async function firstWait(client: ApiClient, webhookId: string): Promise<number> {
  const waiting = await untilAttempted(client, webhookId, 1);
  const [attempt] = await attemptsOf(client, waiting.id);
  return Date.parse(waiting.next_attempt_at ?? '') - Date.parse(attempt?.at ?? '');
}

const answerWith =
  (status: number, headers: Record<string, string> = {}): Answer =>
  (_request, response) =>
    void response.writeHead(status, headers).end();

test('a list of delays means one retry for each, after that delay', async (t) => {
  const { client, receiver, id, publishOne } = await setUp(
    t,
    { retry_schedule: [0.1, 0.6] },
    answerWith(500),
  );
  await publishOne('a', 1);
  const failed = await eventually('the delivery has failed', async () => {
    const [delivery] = await deliveriesOf(client, id, 'failed');
    return delivery;
  });
  assert.equal(failed.attempt_count, 3);
  const [first = 0, second = 0, third = 0] = receiver.received.map(({ at }) => at);
  assert.ok(second - first >= 100 && second - first < 100 + LATE_MS, `${second - first} ms`);
  assert.ok(third - second >= 600 && third - second < 600 + LATE_MS, `${third - second} ms`);
});

test('the exponential schedule waits for some seconds, and then for minutes', async (t) => {
  const answer = answerWith(500);
  const { client, receiver, id, publishOne } = await setUp(t, { retry_schedule: 'exponential' }, answer);
  await publishOne('a', 1);
  await receiver.untilCount(2);
  const [first = 0, second = 0] = receiver.received.map(({ at }) => at);
  assert.ok(second - first >= 5_000 && second - first < 5_500 + LATE_MS, `${second - first} ms`);
  const waiting = await untilAttempted(client, id, 2);
  const wait = Date.parse(waiting.next_attempt_at ?? '') - second;
  assert.ok(wait >= 300_000 && wait < 330_000 + LATE_MS, `${wait} ms`);
});

test('a busy receiver gets no request before the time that it names', async (t) => {
  const { receiver, publishOne } = await setUp(t, { retry_schedule: [0.1] }, (_request, response, nth) => {
    if (nth === 1) response.writeHead(429, { 'retry-after': '1' }).end();
    else response.end();
  });
  await publishOne('a', 1);
  await receiver.untilCount(2);
  const [first = 0, second = 0] = receiver.received.map(({ at }) => at);
  assert.ok(second - first >= 1_000 && second - first < 1_000 + LATE_MS, `${second - first} ms`);
});

test('a receiver may name a date, and one that is far away counts as a day', async (t) => {
  const far = new Date(Date.now() + 400 * 24 * 3_600_000).toUTCString();
  const answer = answerWith(503, { 'retry-after': far });
  const { client, id, publishOne } = await setUp(t, { retry_schedule: [0.1] }, answer);
  await publishOne('a', 1);
  const wait = await firstWait(client, id);
  assert.ok(wait >= 24 * 3_600_000 && wait < 24 * 3_600_000 + 5_000, `${wait} ms`);
});

test('the default schedule ignores Retry-After', async (t) => {
  const answer = answerWith(503, { 'retry-after': '1' });
  const { client, id, publishOne } = await setUp(t, {}, answer);
  await publishOne('a', 1);
  const wait = await firstWait(client, id);
  assert.ok(wait >= LONG_S * 1_000 && wait < LONG_S * 1_000 + 5_000, `${wait} ms`);
});

test('a changed schedule applies to deliveries that are pending already', async (t) => {
  const { client, receiver, id, publishOne } = await setUp(t, {}, answerWith(500));
  await publishOne('a', 1);
  const waiting = await untilAttempted(client, id, 1);
  await client.expect(200, 'PATCH', `/webhooks/${id}`, { retry_schedule: [] });
  await client.expect(202, 'POST', `/deliveries/${waiting.id}/retry`);
  await receiver.untilCount(2);
  await eventually('the delivery has failed', async () => (await deliveriesOf(client, id, 'failed'))[0]);
});

test('max_in_flight bounds the requests in flight at once, one after the other if it is 1', async (t) => {
  const { answer, most } = countingAnswers(20);
  const { client, receiver, id, publishOne } = await setUp(t, { max_in_flight: 1 }, answer);
  await Promise.all(['a', 'b', 'c', 'd', 'e'].map((mediaId) => publishOne(mediaId, 1)));
  await receiver.untilCount(5);
  assert.equal(most(), 1);
  await client.expect(200, 'PATCH', `/webhooks/${id}`, { max_in_flight: 3 });
  await Promise.all(Array.from({ length: 9 }, (_, n) => publishOne(`more-${n}`, 1)));
  await receiver.untilCount(14);
  assert.ok(most() > 1 && most() <= 3, `${most()} at once`);
});
