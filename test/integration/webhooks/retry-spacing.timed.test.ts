import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../../../src/platform/testing/eventually.ts';
import { Receiver } from '../../support/receivers/receiver.ts';
import { attemptsOf, deliveriesOf } from '../../support/service/deliveries.ts';
import { publish, publishedEvent } from '../../support/service/published-events.ts';
import { startTestService } from '../../support/service/service.ts';

/** Delay by the contract: from the end of an attempt to the next one. */
const RETRY_MS = 3_000;
const LATE_MS = 500;
/** Duration of the receiver's answer. An interval counted from the start of an attempt would show. */
const ANSWER_MS = 400;

test('by the real clock: at most four requests, three seconds from the end of one to the next', async (t) => {
  const service = await startTestService();
  t.after(() => service.stop());
  const receiver = await Receiver.start();
  t.after(() => receiver.stop());
  const endedAt: number[] = [];
  receiver.answer((_request, response) => {
    setTimeout(() => {
      endedAt.push(Date.now());
      response.writeHead(503).end('not now');
    }, ANSWER_MS);
  });
  const webhook = await service.client.createWebhook(receiver.url);
  receiver.trust(webhook.secret);

  assert.equal((await publish(service.operator, [publishedEvent(service.client, 'a', 1)]))?.status, 202);
  const failed = await eventually('the delivery has failed', async () => {
    const [delivery] = await deliveriesOf(service.client, webhook.id);
    return delivery?.state === 'failed' && delivery;
  });
  const attempts = await attemptsOf(service.client, failed.id);

  assert.equal(receiver.received.length, 4);
  for (const [index, { at, id, body, verified }] of receiver.received.entries()) {
    assert.ok(verified);
    assert.deepEqual([id, body], [receiver.received[0]?.id, receiver.received[0]?.body]);
    if (index === 0) continue;
    const spacing = at - (endedAt[index - 1] ?? 0);
    assert.ok(
      spacing >= RETRY_MS && spacing < RETRY_MS + LATE_MS,
      `${spacing} ms before request ${index + 1}`,
    );
  }
  assert.equal(failed.attempt_count, 4);
  assert.equal(failed.next_attempt_at, null);
  assert.deepEqual(
    attempts.map(({ number, status, error }) => [number, status, error]),
    [1, 2, 3, 4].map((number) => [number, 503, 'the receiver answered 503']),
  );
});
