import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { deliveriesOf, untilNonePending } from '../support/deliveries.ts';
import { assertLanes, firstArrivals } from '../support/lane-log.ts';
import { type PublishedEvent, publish, publishedEvent } from '../support/published-events.ts';
import type { Answer } from '../support/receiver.ts';
import { seededRandom, testSeed } from '../support/seeded-random.ts';
import type { ServiceProcess } from '../support/service-process.ts';
import { startServiceWithReceiver } from '../support/service-with-receiver.ts';

const KILLS = 12;
const LANES = 16;
const EVENTS_A_REQUEST = 3;
/** From listening to the kill, at the most. */
const LONGEST_LIFE_MS = 900;

/** Short, so that exhausted deliveries occur, and the test ends. */
const SETTINGS = { MEDIAHOOKS_RETRY_DELAYS: '0.02,0.1,0.2' };

/** Fails two requests in five, in one of the ways in which receivers fail. */
function unreliable(random: () => number): Answer {
  return (_request, response) => {
    const fate = random();
    if (fate < 0.2) response.writeHead(500).end('try again');
    else if (fate < 0.3) response.destroy();
    else if (fate < 0.4) cutOff(response);
    else if (fate < 0.6) setTimeout(() => response.end('late'), fate * 50);
    else response.end('ok');
  };
}

function cutOff(response: ServerResponse): void {
  response.writeHead(200, { 'content-length': 100 });
  response.write('cut off', () => response.destroy());
}

interface Publishing {
  /** By their titles. */
  readonly acknowledged: Set<string>;
  readonly published: Set<string>;
  unanswered: number;
}

/**
 * Publishes events of one media, one request after the other, until `stopped`. Odd lanes send what was not answered
 * again, as a platform should; even ones never do, and go on with the next.
 */
async function publishLane(
  lane: number,
  { operator, client }: ServiceProcess,
  publishing: Publishing,
  stopped: AbortSignal,
): Promise<void> {
  const repeats = lane % 2 === 1;
  let number = 0;
  let request: PublishedEvent[] = [];
  while (!stopped.aborted || (repeats && request.length > 0)) {
    if (request.length === 0) {
      request = Array.from({ length: EVENTS_A_REQUEST }, () =>
        publishedEvent(client, `lane-${lane}`, ++number),
      );
    }
    for (const { title } of request) publishing.published.add(title);
    const answer = await publish(operator, request);
    if (!answer) {
      publishing.unanswered += 1;
      if (!repeats) request = [];
      // The service is away, and says so at once.
      await delay(100);
      continue;
    }
    assert.equal(answer.status, 202, JSON.stringify(answer.body));
    for (const { title } of request) publishing.acknowledged.add(title);
    request = [];
    // Loads it without drowning the receiver, which has one thread with the publishers.
    await delay(60);
  }
}

async function killAtRandom(t: TestContext, service: ServiceProcess, random: () => number): Promise<void> {
  for (let kill = 1; kill <= KILLS; kill += 1) {
    await delay(random() * LONGEST_LIFE_MS);
    await service.restart();
  }
  t.diagnostic(`${KILLS} kills`);
}

test('killed under load: every event that was answered 202 arrives, in order, repeats recognisable', async (t) => {
  const seed = testSeed();
  t.diagnostic(`CRASH_SEED=${seed}`);
  const random = seededRandom(seed);
  const { service, receiver, webhookId } = await startServiceWithReceiver(t, { settings: SETTINGS });
  receiver.answer(unreliable(random));

  const publishing: Publishing = { acknowledged: new Set(), published: new Set(), unanswered: 0 };
  const enough = new AbortController();
  const lanes = Array.from({ length: LANES }, (_, lane) =>
    publishLane(lane, service, publishing, enough.signal),
  );
  await killAtRandom(t, service, random).finally(() => enough.abort());
  await Promise.all(lanes);
  await untilNonePending(service.client, webhookId);

  const repeats = assertLanes(receiver.received);
  const { acknowledged, published, unanswered } = publishing;
  t.diagnostic(
    `${acknowledged.size} of ${published.size} events acknowledged, ${unanswered} requests unanswered`,
  );
  t.diagnostic(`${receiver.received.length} requests received, ${repeats} of them repeats`);
  const first = firstArrivals(receiver.received).map(({ event }) => String(event.title));
  const arrived = new Set(first);
  assert.deepEqual(
    [...acknowledged].filter((title) => !arrived.has(title)),
    [],
    'acknowledged and lost',
  );
  assert.deepEqual(
    first.filter((title) => !published.has(title)),
    [],
    'arrived and never published',
  );
  assert.equal(arrived.size, first.length, 'an event has one webhook-id, however often it was published');
  for (const [lane, arrivals] of Map.groupBy(first, (title) => title.split('/')[0])) {
    const numbers = arrivals.map((title) => Number(title.split('/')[1]));
    assert.deepEqual(
      numbers,
      numbers.toSorted((a, b) => a - b),
      `the order of ${lane}`,
    );
  }
  await assertAllEnded(service, webhookId, arrived.size);
});

async function assertAllEnded(service: ServiceProcess, webhookId: string, events: number): Promise<void> {
  const deliveries = await deliveriesOf(service.client, webhookId);
  assert.equal(deliveries.length, events, 'each event is on record, and each on record arrived');
  for (const { state, attempt_count: attempts } of deliveries) {
    if (state === 'failed') assert.equal(attempts, 4);
    else assert.equal(state, 'succeeded');
  }
}
