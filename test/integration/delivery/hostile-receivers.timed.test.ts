import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { Sender } from '../../../src/delivery/attempt/sender.ts';
import { EgressPolicy } from '../../../src/delivery/egress/policy.ts';
import { eventually } from '../../../src/platform/testing/eventually.ts';
import { HOSTILE, type Hostile, runsOutOfTime } from '../../support/receivers/hostile-behaviours.ts';
import { RawReceiver } from '../../support/receivers/raw-receiver.ts';
import type { ApiClient } from '../../support/service/api-client.ts';
import {
  attemptsOf,
  type DeliverySeen,
  deliveriesOf,
  untilAllEnded,
} from '../../support/service/deliveries.ts';
import { memoryMiB } from '../../support/service/processes.ts';
import { publish, publishedEvent } from '../../support/service/published-events.ts';
import { ServiceProcess } from '../../support/service/service-process.ts';

const TIMEOUT_MS = 400;
/** Maximum duration of an attempt on a busy machine, in milliseconds. */
const MAX_DURATION_MS = TIMEOUT_MS * 4;
const HEADERS = { 'content-type': 'application/json' };

const WEBHOOKS_A_RECEIVER = 8;
/** Number of events that each receiver gets at once. */
const EVENTS = 2;
const ROUNDS = 5;
/**
 * A heap so small that the data of attempts can't be kept. Endless headers make a megabyte of garbage each, which the
 * collector would otherwise leave until the process has half a gigabyte.
 */
const SMALL_HEAP = '--max-old-space-size=96 --max-semi-space-size=4';
/** Memory of the whole process: the heaps of its two threads, the network's buffers, and Node itself. */
const MAX_MEMORY_MIB = 400;

const REASONS = Object.values(HOSTILE).flatMap(({ error }) => error ?? []);

let receiver: RawReceiver;
/** Sender that gives up soon, for receivers that end no attempt. */
let hasty: Sender;
/** Sender that shows how a receiver itself ends the attempt, even on a machine that is too busy for the other one. */
let sender: Sender;

before(async () => {
  receiver = await RawReceiver.start();
});

beforeEach(() => {
  const egress = new EgressPolicy(['127.0.0.1/32']);
  hasty = new Sender({ egress, timeoutMs: TIMEOUT_MS });
  sender = new Sender({ egress, timeoutMs: 10_000 });
});

afterEach(async () => {
  await Promise.all([hasty.close(), sender.close()]);
  receiver.breakAll();
});

after(() => receiver.stop());

for (const [what, hostile] of Object.entries(HOSTILE)) {
  const { behaviour, status, error } = hostile;
  test(`a receiver that ${what}: the attempt ends, and says why`, async () => {
    receiver.behaviour = behaviour;
    const one = runsOutOfTime(hostile) ? hasty : sender;
    const ended = await one.post(receiver.url, HEADERS, '{}');
    assert.equal(ended.status, status, ended.error ?? '');
    if (error === null) assert.equal(ended.error, null);
    else assert.match(ended.error ?? '', error);
    assert.equal(ended.response === null, status === null);
    assert.ok(Buffer.byteLength(ended.response ?? '') <= 1024, 'what is kept of the answer is short');
    assert.ok(ended.durationMs < MAX_DURATION_MS, `${ended.durationMs} ms`);
    if (error) await eventually('the connection was let go', async () => receiver.open === 0);

    // Once the receiver behaves, the sender that met its faults delivers to it again.
    receiver.breakAll();
    receiver.behaviour = (socket) => socket.on('data', () => socket.write('HTTP/1.1 204 No Content\r\n\r\n'));
    const next = await eventually('an exchange is whole', async () => {
      // The first request over a connection that has just been broken may fail.
      const exchange = await one.post(receiver.url, HEADERS, '{}');
      return exchange.error === null && exchange;
    });
    assert.equal(next.status, 204);
  });
}

test('a compressed body is not decompressed', async () => {
  receiver.behaviour = (HOSTILE['packs 32 MiB into 32 KiB'] as Hostile).behaviour;
  const { response } = await sender.post(receiver.url, HEADERS, '{}');
  assert.ok(response?.startsWith('\u001f\ufffd\b'), 'the magic number of gzip');
});

test('a second answer to one request is ignored: the next request uses another connection', async () => {
  let asked = 0;
  const answer = (text: string) => `HTTP/1.1 200 OK\r\ncontent-length: ${text.length}\r\n\r\n${text}`;
  receiver.behaviour = (socket) =>
    socket.on('data', () => {
      asked += 1;
      socket.write(answer(`answer ${asked}`) + answer('smuggled'));
    });
  for (const number of [1, 2, 3]) {
    assert.equal((await sender.post(receiver.url, HEADERS, '{}')).response, `answer ${number}`);
  }
});

test('a redirect to itself leads to one request', async () => {
  let asked = 0;
  receiver.behaviour = (socket) =>
    socket.on('data', () => {
      asked += 1;
      socket.write(`HTTP/1.1 307 Again\r\nlocation: ${receiver.url}\r\ncontent-length: 0\r\n\r\n`);
    });
  assert.equal((await sender.post(receiver.url, HEADERS, '{}')).status, 307);
  assert.equal(asked, 1);
});

/** Makes one round of attempts with hostile receivers, all at once, by new webhooks, so that no circuit is open. */
async function sendToAll(
  { client, operator }: ServiceProcess,
  receivers: readonly { url: string; hostile: Hostile }[],
  round: number,
): Promise<void> {
  // Calls for one receiver are made at once, so that their changes share commits.
  const webhooks: { id: string; hostile: Hostile }[][] = [];
  for (const { url, hostile } of receivers) {
    const create = async () => ({ id: (await client.createWebhook(url)).id, hostile });
    webhooks.push(await Promise.all(Array.from({ length: WEBHOOKS_A_RECEIVER }, create)));
  }
  const events = Array.from({ length: EVENTS }, (_, n) => publishedEvent(client, `${round}-${n}`, 1));
  assert.equal((await publish(operator, events))?.status, 202);
  for (const group of webhooks) {
    await Promise.all(group.map((webhook) => checkAndRemove(client, webhook)));
  }
}

async function checkAndRemove(client: ApiClient, { id, hostile }: { id: string; hostile: Hostile }) {
  await untilAllEnded(client, id);
  const deliveries = await deliveriesOf(client, id);
  assert.equal(deliveries.length, EVENTS);
  for (const delivery of deliveries) await assertExplained(client, delivery, hostile);
  await client.expect(200, 'DELETE', `/webhooks/${id}`);
}

async function assertExplained(client: ApiClient, { id, state }: DeliverySeen, hostile: Hostile) {
  const [attempt, ...more] = await attemptsOf(client, id);
  assert.ok(attempt && more.length === 0);
  const { error } = attempt;
  assert.equal(state, error === null ? 'succeeded' : 'failed');
  // This many at once are slow enough that some time out before they have shown their behaviour.
  if (error === null) assert.equal(hostile.error, null);
  else
    assert.ok(
      REASONS.some((reason) => reason.test(error)),
      error,
    );
}

test('all of them at once, many times: each attempt is recorded with a reason, in bounded memory', async (t) => {
  const service = await ServiceProcess.create({
    settings: {
      MEDIAHOOKS_DELIVERY_TIMEOUT: '1',
      MEDIAHOOKS_RETRY_DELAYS: '',
      MEDIAHOOKS_MAX_WEBHOOKS: '0',
      NODE_OPTIONS: SMALL_HEAP,
    },
  });
  t.after(() => service.remove());
  await service.start();
  const receivers: { url: string; hostile: Hostile }[] = [];
  for (const hostile of Object.values(HOSTILE)) {
    const one = await RawReceiver.start(hostile.behaviour);
    t.after(() => one.stop());
    receivers.push({ url: one.url, hostile });
  }
  const peaks: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    await sendToAll(service, receivers, round);
    peaks.push(memoryMiB(service.pid).peak);
  }
  const attempts = receivers.length * WEBHOOKS_A_RECEIVER * EVENTS;
  t.diagnostic(`after each ${attempts} attempts: ${peaks.map(Math.round).join(', ')} MiB`);
  assert.ok((peaks.at(-1) as number) < MAX_MEMORY_MIB);
});
