import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ReadyDelivery } from '../../domain/delivery.ts';
import { seededRandom } from '../../platform/testing/seeded-random.ts';
import { Circuits } from './circuits.ts';
import { FairScheduler, type FairSchedulerOptions, SLOW_AFTER_MS } from './fair-scheduler.ts';
import { WebhookQueue } from './webhook-queue.ts';

const T0 = 1_000_000;

function setUp(options: Partial<FairSchedulerOptions> = {}) {
  const limits = { concurrency: 1_000, concurrencyPerWebhook: 10, concurrencyPerHost: 100 };
  const scheduler = new FairScheduler({ ...limits, circuits: new Circuits(), ...options });
  const queues = new Map<string, WebhookQueue>();
  const inFlight: ReadyDelivery[] = [];
  const wait = (webhookId: string, count = 1, url = `https://${webhookId}.example/hook`) => {
    const queue = queues.get(webhookId) ?? new WebhookQueue(webhookId);
    if (!queues.has(webhookId)) scheduler.register(queue.scheduling);
    queues.set(webhookId, queue);
    for (let n = 0; n < count; n += 1) {
      const webhook = { id: webhookId, url, secret: 's' };
      const event = { id: 'e', mediaId: 'm', body: '{}' };
      queue.push({ id: `d${n}`, seq: n, event, webhook, attempts: 0, attemptsBefore: 0 });
      scheduler.enqueue(queue.scheduling);
    }
    return queue;
  };
  const send = (now = T0) => {
    const delivery = scheduler.next(now);
    if (!delivery) return null;
    inFlight.push(delivery);
    return delivery.webhook.id;
  };
  const sendAll = (now = T0) => {
    const sent: string[] = [];
    for (let id = send(now); id !== null; id = send(now)) sent.push(id);
    return sent;
  };
  /** Ends the oldest request of a webhook. */
  const end = (webhookId: string, tookMs = 1, now = T0) => {
    const [delivery] = inFlight.splice(
      inFlight.findIndex(({ webhook }) => webhook.id === webhookId),
      1,
    );
    const queue = queues.get(webhookId);
    if (!delivery || !queue) throw new Error(`nothing of ${webhookId} is in flight`);
    scheduler.finished(queue.scheduling, delivery.webhook.url, tookMs, now);
  };
  /** Makes a webhook known healthy: it answers one request fast. */
  const makeHealthy = (webhookId: string) => {
    wait(webhookId);
    sendAll();
    end(webhookId);
  };
  return { scheduler, queues, inFlight, wait, send, sendAll, end, makeHealthy };
}

const count = (sent: readonly string[], prefix: string) => sent.filter((id) => id.startsWith(prefix)).length;

test('a lone webhook gets its full limit', () => {
  const { wait, sendAll } = setUp();
  wait('w', 50);
  assert.equal(sendAll().length, 10);
});

test('the webhook with the fewest requests in flight comes first', () => {
  const { wait, send, sendAll, makeHealthy } = setUp();
  makeHealthy('busy');
  makeHealthy('late');
  wait('busy', 50);
  assert.deepEqual([send(), send(), send()], ['busy', 'busy', 'busy']);
  wait('late', 2);
  assert.deepEqual(sendAll().slice(0, 4), ['late', 'late', 'busy', 'busy']);
});

for (const [webhooks, left] of [
  [100, 70],
  [200, 30],
] as const) {
  test(`${webhooks} webhooks that begin to hang at once leave ${left} requests to the others`, () => {
    const { wait, sendAll, makeHealthy, inFlight } = setUp();
    for (let n = 0; n < webhooks; n += 1) makeHealthy(`hanging-${n}`);
    for (let n = 0; n < webhooks; n += 1) wait(`hanging-${n}`, 50);
    sendAll();
    assert.ok(1_000 - inFlight.length >= left, `${1_000 - inFlight.length} are free`);
    for (let n = 0; n < left; n += 1) wait(`good-${n}`);
    assert.equal(count(sendAll(), 'good'), left);
  });
}

test('suspect webhooks together stay within their share, even if there are many', () => {
  const { wait, sendAll, end, inFlight } = setUp({ concurrency: 100 });
  for (let n = 0; n < 200; n += 1) wait(`hanging-${n}`, 50);
  // Nothing is known about first requests. They leave a quarter to webhooks that are known to answer.
  assert.equal(sendAll().length, 75);
  let now = T0;
  for (let round = 0; round < 5; round += 1) {
    now += 10_000;
    for (const { webhook } of [...inFlight]) end(webhook.id, 10_000, now);
    sendAll(now);
  }
  assert.equal(inFlight.length, 50);
  for (let n = 0; n < 50; n += 1) wait(`good-${n}`);
  assert.equal(count(sendAll(now), 'good'), 25, 'new ones');
  for (let n = 0; n < 25; n += 1) end(`good-${n}`, 1, now);
  assert.equal(count(sendAll(now), 'good'), 25, 'the other new ones');
  for (let n = 25; n < 50; n += 1) end(`good-${n}`, 1, now);
  for (let n = 0; n < 50; n += 1) wait(`good-${n}`);
  assert.equal(count(sendAll(now), 'good'), 50, 'known healthy ones');
});

test('a webhook becomes suspect when none of its requests has ended for a second', () => {
  const { wait, sendAll, end, queues, makeHealthy } = setUp({ concurrency: 100 });
  for (const id of ['hanging', 'progressing']) {
    makeHealthy(id);
    wait(id, 2);
    sendAll();
  }
  const isSuspect = () => [
    queues.get('hanging')?.scheduling.isSuspect,
    queues.get('progressing')?.scheduling.isSuspect,
  ];
  end('progressing', 500, T0 + 500);
  sendAll(T0 + SLOW_AFTER_MS - 1);
  assert.deepEqual(isSuspect(), [false, false]);
  sendAll(T0 + SLOW_AFTER_MS);
  assert.deepEqual(isSuspect(), [true, false]);
  end('hanging', 1_200, T0 + 1_200);
  assert.deepEqual(isSuspect(), [true, false]);
  end('hanging', 100, T0 + 1_300);
  assert.deepEqual(isSuspect(), [false, false]);
});

test('suspect webhooks get turns while others keep all requests busy', () => {
  const { wait, send, sendAll, end, queues } = setUp({ concurrency: 20 });
  wait('slow', 1);
  sendAll();
  end('slow', 2_000);
  assert.ok(queues.get('slow')?.scheduling.isSuspect);
  for (let n = 0; n < 40; n += 1) wait(`busy-${n}`, 100);
  wait('slow', 10);
  const sent = sendAll();
  for (let n = 0; n < 100; n += 1) {
    const one = sent.shift() ?? assert.fail();
    end(one, one === 'slow' ? 2_000 : 1);
    sent.push(send() ?? assert.fail('a request is free, and many wait'));
  }
  assert.ok((queues.get('slow')?.scheduling.inFlight ?? 0) > 0);
});

test('many new webhooks with backlogs leave half of the requests to first requests and to known healthy webhooks', () => {
  const { wait, sendAll, makeHealthy, inFlight } = setUp();
  makeHealthy('good');
  for (let n = 0; n < 200; n += 1) {
    wait(`new-${n}`, 20);
    sendAll();
  }
  assert.ok(inFlight.length < 700, `${inFlight.length} are in flight`);
  wait('good', 10);
  assert.equal(sendAll().length, 10);
});

test('suspect webhooks of a host leave half of its requests to the other webhooks of the host', () => {
  const { wait, sendAll, end, inFlight } = setUp();
  for (let n = 0; n < 20; n += 1) wait(`hanging-${n}`, 20, `https://platform.example/${n}`);
  for (let round = 0; round < 2; round += 1) {
    for (const { webhook } of [...inFlight]) end(webhook.id, 10_000);
    sendAll();
  }
  assert.equal(inFlight.length, 50);
  for (let n = 0; n < 50; n += 1) wait(`good-${n}`, 1, `https://platform.example/good/${n}`);
  assert.equal(count(sendAll(), 'good'), 50);
});

test("a host's limit holds over all its webhooks, and does not delay webhooks of other hosts", () => {
  const { wait, sendAll, end } = setUp({ concurrencyPerHost: 5 });
  for (let n = 0; n < 20; n += 1) wait(`platform-${n}`, 3, `https://platform.example:8443/hooks/${n}`);
  wait('other', 2);
  wait('neighbour', 2, 'https://platform.example/hooks');
  const sent = sendAll();
  assert.deepEqual([count(sent, 'platform'), count(sent, 'other'), count(sent, 'neighbour')], [5, 2, 2]);
  // Webhooks with nothing in flight are next, in turn.
  for (let n = 0; n < 15; n += 1) {
    end(`platform-${n}`);
    assert.deepEqual(sendAll(), [`platform-${n + 5}`]);
  }
});

test('a queue that is blocked by its host becomes ready when the queue before it is emptied', () => {
  const { scheduler, wait, sendAll, end } = setUp({ concurrencyPerHost: 1 });
  const url = 'https://platform.example/';
  for (const id of ['a', 'b', 'c']) wait(id, 1, url);
  assert.deepEqual(sendAll(), ['a']);
  end('a');
  const b = wait('b', 0, url);
  b.removeAll();
  scheduler.requeue(b.scheduling);
  assert.deepEqual(sendAll(), ['c']);
});

test("after a webhook's URL has changed, each delivery counts for the host of its own URL", () => {
  const { scheduler, wait, sendAll, end, queues } = setUp({ concurrencyPerHost: 4 });
  wait('w', 1, 'https://old.example/');
  wait('w', 1, 'https://new.example/');
  for (const id of ['a', 'b', 'c', 'd']) wait(id, 1, 'https://old.example/');
  assert.deepEqual(sendAll(), ['w', 'a', 'b', 'c', 'w']);
  end('w');
  assert.deepEqual(sendAll(), ['d']);
  for (const id of ['w', 'a', 'b', 'c', 'd']) end(id);
  for (const queue of queues.values()) scheduler.unregister(queue.scheduling);
  assert.ok(scheduler.isIdle);
});

test('after any sequence of calls the limits hold, no queue waits without a reason, and nothing leaks', () => {
  const limits = { concurrency: 24, concurrencyPerWebhook: 4, concurrencyPerHost: 5 };
  const { scheduler, queues, inFlight, wait, sendAll, end } = setUp(limits);
  const random = seededRandom(7);
  const below = (bound: number) => Math.floor(random() * bound);
  let now = T0;
  for (let n = 0; n < 5_000; n += 1) {
    const id = below(30);
    const act = random();
    if (act < 0.5) wait(`w${id}`, 1 + below(3), `https://h${(id + below(1.02)) % 9}.example/`);
    else if (act < 0.97)
      for (const { webhook } of inFlight.slice(0, below(8))) end(webhook.id, below(1_100), now);
    else {
      const queue = queues.get(`w${id}`);
      queue?.removeAll();
      if (queue) scheduler.requeue(queue.scheduling);
    }
    now += below(300);
    sendAll(now);
    const of = Map.groupBy(inFlight, ({ webhook }) => webhook.id);
    const to = Map.groupBy(inFlight, ({ webhook }) => webhook.url);
    assert.ok(inFlight.length <= 24);
    for (const sent of of.values()) assert.ok(sent.length <= 4);
    for (const sent of to.values()) assert.ok(sent.length <= 5);
    for (const queue of queues.values()) {
      assert.equal(queue.scheduling.inFlight, of.get(queue.webhookId)?.length ?? 0);
      const isFree = queue.first && (to.get(queue.first.webhook.url)?.length ?? 0) < 5;
      if (isFree && !queue.scheduling.isSuspect && queue.scheduling.inFlight === 0)
        assert.equal(inFlight.length, 24, queue.webhookId);
    }
  }
  while (inFlight.length > 0) {
    for (const { webhook } of [...inFlight]) end(webhook.id, 1, now);
    sendAll(now);
  }
  for (const queue of queues.values()) {
    assert.equal(queue.first, undefined);
    scheduler.unregister(queue.scheduling);
  }
  assert.ok(scheduler.isIdle);
});
