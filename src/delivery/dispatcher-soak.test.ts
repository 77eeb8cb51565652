import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ReadyDelivery } from '../domain/delivery.ts';
import { seededRandom } from '../platform/testing/seeded-random.ts';
import { setUpDispatcher, turns } from './testing/dispatching.ts';

const DELIVERIES = 1_500;
const LIMITS = {
  concurrency: 12,
  concurrencyPerWebhook: 3,
  concurrencyPerHost: 4,
  capacity: 60,
  capacityPerWebhook: 8,
};
const WEBHOOKS = 12;
/** Number of hosts, with three webhooks each. */
const HOSTS = 4;

/**
 * Every delivery must end once, in the order of its lane, and at the end nothing is left in memory or claimed.
 * Meanwhile memory is full, receivers fail and stop answering for a while, URLs change, and the database fails.
 */
for (const seed of [1, 2, 3]) {
  test(`despite failures and little memory each delivery ends once and in order (seed ${seed})`, async (t) => {
    const { queue, attempts, dispatcher } = await setUpDispatcher(t, LIMITS);
    const random = seededRandom(seed);
    const below = (count: number) => Math.floor(random() * count);
    queue.before = async () => {
      if (random() < 0.1) throw new Error('the database fails');
    };
    queue.after = async () => {
      if (random() < 0.3) await turns(below(4));
    };
    queue.urlOf = (webhookId) => `https://host${Number(webhookId.slice(1)) % HOSTS}.example/${webhookId}`;
    const away = new Set<string>();
    let opened = 0;
    while (queue.rows.length < DELIVERIES || queue.count('pending') > 0) {
      for (let n = below(30); n > 0 && queue.rows.length < DELIVERIES; n -= 1) {
        dispatcher.offer(queue.commit(`w${below(WEBHOOKS)}`, `m${below(10)}`));
      }
      const webhookId = `w${below(WEBHOOKS)}`;
      if (random() < 0.1) away.add(webhookId);
      if (random() < 0.15) away.delete(`w${below(WEBHOOKS)}`);
      if (random() < 0.05) dispatcher.reloadWebhook(webhookId);
      for (let n = below(attempts.inFlight.length + 1); n > 0; n -= 1) {
        const end = random();
        const [oldest] = attempts.inFlight;
        if (end < 0.02) attempts.break(new Error('a defect'));
        else if (oldest && away.has(oldest.delivery.webhook.id))
          attempts.fail(end < 0.9 ? 'pending' : 'failed');
        else attempts.answer(end < 0.7 ? 'succeeded' : end < 0.9 ? 'pending' : 'failed');
      }
      t.mock.timers.tick(below(1_500));
      await turns(5);
      assert.ok(dispatcher.buffered <= LIMITS.capacity);
      assertLimits(attempts.inFlight.map(({ delivery }) => delivery));
      opened = Math.max(opened, dispatcher.circuits.counts.open);
    }
    assert.ok(opened > 1, 'no two circuits were open at the same time');
    await turns();
    assert.equal(queue.claimed, 0);
    assert.equal(dispatcher.buffered, 0);
    // Attempts that a defect ended are not recorded and are made again. No other attempt may be made twice.
    const recorded = queue.rows.reduce((sum, row) => sum + row.attempts.length, 0);
    assert.ok(attempts.begun.length - recorded < DELIVERIES * 0.1);
    assertOrder(
      attempts.begun,
      queue.rows.map(({ delivery }) => delivery),
    );
  });
}

function assertLimits(inFlight: readonly ReadyDelivery[]) {
  assert.ok(inFlight.length <= LIMITS.concurrency);
  for (const [webhookId, sent] of Map.groupBy(inFlight, ({ webhook }) => webhook.id)) {
    assert.ok(sent.length <= LIMITS.concurrencyPerWebhook, webhookId);
  }
  for (const [host, sent] of Map.groupBy(inFlight, ({ webhook }) => new URL(webhook.url).host)) {
    assert.ok(sent.length <= LIMITS.concurrencyPerHost, host);
  }
}

/** Asserts that, after the first attempt of a delivery, no earlier delivery of its lane is attempted. */
function assertOrder(begun: readonly string[], deliveries: readonly ReadyDelivery[]) {
  const place = new Map(deliveries.map(({ id }, n) => [id, n]));
  const lane = new Map(deliveries.map(({ id, webhook, event }) => [id, `${webhook.id} ${event.mediaId}`]));
  const last = new Map<string, number>();
  for (const id of begun) {
    const [of, at] = [lane.get(id) ?? '', place.get(id) ?? -1];
    assert.ok(at >= (last.get(of) ?? 0), `${id} was sent after one that follows it`);
    last.set(of, at);
  }
}
