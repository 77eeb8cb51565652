import assert from 'node:assert/strict';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { Receiver } from '../support/receivers/receiver.ts';
import { untilAllEnded } from '../support/service/deliveries.ts';
import { publish, publishedEvent } from '../support/service/published-events.ts';
import { ServiceProcess } from '../support/service/service-process.ts';

/** Number of deliveries. Their entries of some 400 bytes each are more than a pipe or a socket takes. */
const FAILED_DELIVERIES = 1_500;
const SETTINGS = {
  MEDIAHOOKS_LOG_LEVEL: 'info',
  MEDIAHOOKS_RETRY_DELAYS: '',
  MEDIAHOOKS_WEBHOOK_CONCURRENCY: '50',
  MEDIAHOOKS_HOST_CONCURRENCY: '100',
};

/** Lets many deliveries fail, each of which makes an entry in the log, and asserts that the service works. */
async function assertWorking(t: TestContext, service: ServiceProcess): Promise<void> {
  const receiver = await Receiver.start();
  t.after(() => receiver.stop());
  receiver.answer((_request, response) => void response.writeHead(500).end());
  const { client, operator } = service;
  const { id } = await client.createWebhook(receiver.url);
  for (let from = 0; from < FAILED_DELIVERIES; from += 500) {
    const events = Array.from({ length: 500 }, (_, nth) => publishedEvent(client, `media-${from + nth}`, 1));
    assert.equal((await publish(operator, events))?.status, 202);
  }
  await untilAllEnded(client, id);
  assert.equal(receiver.received.length, FAILED_DELIVERIES);
  assert.equal((await fetch(`${service.url}/healthz`)).status, 200);
}

test('a reader of the log that hangs neither freezes the service nor its end', async (t) => {
  const service = await ServiceProcess.create({ settings: SETTINGS });
  t.after(() => service.remove());
  await service.start();
  const { child } = service;
  child.stderr.pause();
  await assertWorking(t, service);
  const exited = once(child, 'exit');
  const ending = service.terminate();
  await exited;
  child.stderr.resume();
  const { exitCode, stderr } = await ending;
  assert.equal(exitCode, 0);
  assert.ok(stderr.split('\n').length > 10, 'the pipe was full of entries');
});

test('a log on a full disk does not end the service', async (t) => {
  const log = openSync('/dev/full', 'w');
  const service = await ServiceProcess.create({ settings: SETTINGS, log });
  t.after(async () => {
    await service.remove();
    closeSync(log);
  });
  await service.start();
  await assertWorking(t, service);
  assert.equal((await service.terminate()).exitCode, 0);
});
