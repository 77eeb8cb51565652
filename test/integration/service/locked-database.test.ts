import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { readConfig } from '../../../src/config/config.ts';
import { eventually } from '../../../src/platform/testing/eventually.ts';
import { startService } from '../../../src/service/start-service.ts';
import { Receiver } from '../../support/receivers/receiver.ts';
import { deliveriesOf, untilAllEnded } from '../../support/service/deliveries.ts';
import { publish, publishedEvent } from '../../support/service/published-events.ts';
import { startTestService, testEnvironment } from '../../support/service/service.ts';
import { lockDatabase } from '../../support/storage/database-lock.ts';

/** Milliseconds for which the database waits for a lock. */
const BUSY_TIMEOUT_MS = 200;
/** Milliseconds for which the database is locked: longer than several tries of each loop. */
const LOCKED_MS = 3_000;

async function setUp(t: TestContext) {
  // A retry is due at the end of the lock at the earliest, however slow the machine is until the lock begins.
  const settings = { MEDIAHOOKS_RETRY_DELAYS: String(LOCKED_MS / 1_000) };
  const test = await startTestService(settings, { busyTimeoutMs: BUSY_TIMEOUT_MS });
  const receiver = await Receiver.start();
  t.after(async () => {
    await test.stop();
    await receiver.stop();
  });
  const publishOne = async (media: string) =>
    (await publish(test.operator, [publishedEvent(test.client, media, 1)])) ?? assert.fail();
  const ready = async () => (await fetch(`${test.service.url}/readyz`)).status;
  return { ...test, receiver, publishOne, ready };
}

test('a lock longer than the wait for it: publishers are answered 503, and every loop goes on by itself', async (t) => {
  const { client, receiver, publishOne, ready, dataDir } = await setUp(t);
  const held: ServerResponse[] = [];
  receiver.answer((request, response, nth) => {
    if (request.event.media_id === 'held') held.push(response);
    else response.writeHead(nth <= 2 ? 500 : 200).end();
  });
  const { id } = await client.createWebhook(receiver.url);
  const once = await client.createWebhook(receiver.url, { partial_finished: true, retry_schedule: [] });
  // The first request for each webhook is answered 500.
  await publishOne('failing');
  await untilAllEnded(client, once.id);
  // The delivery to the first webhook waits for its retry, and another one for its answer.
  await publishOne('held');
  await eventually('both requests are in flight', async () => held.length === 2);

  const unlock = await lockDatabase(join(dataDir, 'mediahooks.sqlite'));
  const refused = await publishOne('refused');
  assert.deepEqual([refused.status, refused.body.code], [503, 'unavailable']);
  assert.equal(await ready(), 503);
  receiver.answer((_request, response) => void response.end());
  for (const response of held) response.end();
  await delay(LOCKED_MS);
  await client.expect(200, 'GET', '/webhooks');
  await unlock();

  await eventually('publishing is accepted', async () => (await publishOne('afterwards')).status === 202);
  await untilAllEnded(client, id);
  await untilAllEnded(client, once.id);
  assert.equal(await ready(), 200);
  const ends = async (webhookId: string) =>
    (await deliveriesOf(client, webhookId)).map(
      ({ media_id, state, attempt_count }) => `${media_id} ${state} ${attempt_count}`,
    );
  assert.deepEqual(await ends(id), ['failing succeeded 2', 'held succeeded 1', 'afterwards succeeded 1']);
  assert.deepEqual(await ends(once.id), ['failing failed 1', 'held succeeded 1', 'afterwards succeeded 1']);
  assert.equal(receiver.received.filter(({ event }) => event.media_id === 'held').length, 2);
});

test('a bulk resend continues after a lock', async (t) => {
  const { client, receiver, publishOne, dataDir } = await setUp(t);
  receiver.answer((_request, response) => void response.writeHead(500).end());
  const { id } = await client.createWebhook(receiver.url, { partial_finished: true, retry_schedule: [] });
  for (let nth = 0; nth < 5; nth += 1) await publishOne(`media-${nth}`);
  await untilAllEnded(client, id);
  receiver.answer((_request, response) => void response.end());
  const { data } = await client.expect(202, 'POST', `/webhooks/${id}/recover`, {
    since: '2020-01-01T00:00:00Z',
  });
  const unlock = await lockDatabase(join(dataDir, 'mediahooks.sqlite'));
  await delay(LOCKED_MS / 2);
  await unlock();
  await eventually('the bulk resend is done', async () => {
    const { recoveries } = (await client.expect(200, 'GET', `/webhooks/${id}/recoveries`)).data;
    return recoveries[0].state === 'done';
  });
  await untilAllEnded(client, id);
  assert.ok(data);
  const states = (await deliveriesOf(client, id)).map(({ state }) => state);
  assert.deepEqual(
    states,
    Array.from({ length: 5 }, () => 'succeeded'),
  );
});

test('a start waits for the end of a lock, and can be interrupted meanwhile', async (t) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'mediahooks-test-'));
  t.after(() => rm(dataDir, { recursive: true }));
  const config = readConfig(testEnvironment(dataDir));
  await (await startService(config)).stop();

  const unlock = await lockDatabase(join(dataDir, 'mediahooks.sqlite'));
  const interruption = new AbortController();
  const options = { busyTimeoutMs: BUSY_TIMEOUT_MS, signal: interruption.signal };
  const interrupted = startService(config, options);
  setTimeout(() => interruption.abort(), 2 * BUSY_TIMEOUT_MS);
  await assert.rejects(interrupted, { name: 'AbortError' });

  let hasStarted = false;
  const starting = startService(config, { busyTimeoutMs: BUSY_TIMEOUT_MS }).finally(() => {
    hasStarted = true;
  });
  await delay(4 * BUSY_TIMEOUT_MS);
  assert.ok(!hasStarted);
  await unlock();
  await (await starting).stop();
});
