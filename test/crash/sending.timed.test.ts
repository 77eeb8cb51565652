import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '../../src/platform/testing/eventually.ts';
import { assertLanes } from '../support/oracle/lane-log.ts';
import { attemptsOf, deliveriesOf, untilAllEnded } from '../support/service/deliveries.ts';
import { startServiceWithReceiver } from '../support/service/service-with-receiver.ts';

const RETRY_MS = 3_000;
/** Maximum lateness of a retry, in milliseconds. */
const LATE_MS = 500;

test('killed while receivers delay their answers: each event is sent again, and later ones follow', async (t) => {
  const { service, receiver, webhookId, publishOne } = await startServiceWithReceiver(t);
  const held: ServerResponse[] = [];
  receiver.answer((_request, response) => void held.push(response));
  for (const media of ['a', 'b', 'c']) for (const number of [1, 2]) await publishOne(media, number);
  await receiver.untilCount(3);

  await service.kill();
  receiver.answer((_request, response) => void response.end());
  await service.start();
  await receiver.untilCount(9);
  await untilAllEnded(service.client, webhookId);

  assert.equal(assertLanes(receiver.received), 3);
  assert.deepEqual(receiver.titles().slice(0, 3).toSorted(), ['a/1', 'b/1', 'c/1']);
  const again = receiver.titles().slice(3);
  assert.deepEqual(again.toSorted(), ['a/1', 'a/2', 'b/1', 'b/2', 'c/1', 'c/2']);
  for (const { id, state } of await deliveriesOf(service.client, webhookId)) {
    assert.equal(state, 'succeeded');
    const attempts = await attemptsOf(service.client, id);
    assert.deepEqual(
      attempts.map(({ number, status }) => [number, status]),
      [[1, 200]],
      'an attempt whose end the service did not see is neither recorded nor counted',
    );
  }
});

test('killed in every wait for a retry: the schedule continues where it was, and ends after four attempts', async (t) => {
  const { service, receiver, webhookId, publishOne } = await startServiceWithReceiver(t);
  receiver.answer((request, response) => {
    response.statusCode = request.event.media_id === 'bad' ? 500 : 200;
    response.end();
  });
  await publishOne('bad', 1);
  await publishOne('bad', 2);
  const startedAt: number[] = [];
  for (const attempt of [1, 2, 3]) {
    await receiver.untilCount(attempt);
    const [delivery] = await deliveriesOf(service.client, webhookId);
    await eventually(`attempt ${attempt} is recorded`, async () => {
      return (await attemptsOf(service.client, delivery?.id ?? '')).length === attempt;
    });
    await service.kill();
    // After the third attempt, the retry falls due while the service is not running.
    if (attempt === 3) await delay(RETRY_MS);
    await service.start();
    startedAt.push(Date.now());
  }
  await receiver.until((received) => received.some(({ event }) => event.title === 'bad/2'));

  assert.deepEqual(receiver.titles(), ['bad/1', 'bad/1', 'bad/1', 'bad/1', 'bad/2']);
  assertLanes(receiver.received);
  const arrivedAt = receiver.received.map(({ at }) => at);
  for (const [n, started] of startedAt.entries()) {
    const [before = 0, after = 0] = arrivedAt.slice(n, n + 2);
    assert.ok(
      after >= before + RETRY_MS,
      `retry ${n + 1} came ${after - before} ms after the attempt before it`,
    );
    // A retry that falls due while the service is not running is sent at once.
    const late = after - Math.max(before + RETRY_MS, started);
    assert.ok(late < LATE_MS, `retry ${n + 1} came ${late} ms late`);
  }
  const [exhausted] = await deliveriesOf(service.client, webhookId);
  assert.equal(exhausted?.state, 'failed');
  const attempts = await attemptsOf(service.client, exhausted?.id ?? '');
  assert.deepEqual(
    attempts.map(({ number, status }) => [number, status]),
    [1, 2, 3, 4].map((number) => [number, 500]),
  );
});
