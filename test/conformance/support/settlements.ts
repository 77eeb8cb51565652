import assert from 'node:assert/strict';
import type { Attempt, Delivery, ReadyDelivery, Settlement } from '../../../src/domain/delivery.ts';
import type { Webhook } from '../../../src/domain/webhook.ts';
import type { ClaimRequest } from '../../../src/storage/contracts/queue.ts';
import type { Storage } from '../../../src/storage/contracts/storage.ts';
import { newWebhook, publication, T0, USER } from '../../../src/storage/testing/records.ts';

/** Steps that many tests of the queue take. */

function attemptAt(delivery: ReadyDelivery, at: number, fields: Partial<Attempt>): Attempt {
  const made = {
    number: delivery.attempts + 1,
    at,
    durationMs: 7,
    status: 200,
    response: 'ok',
    error: null,
    revision: null,
  };
  return { ...made, ...fields };
}

function keysOf({ seq, webhook }: ReadyDelivery) {
  return { seq, webhookId: webhook.id };
}

export function succeeded(delivery: ReadyDelivery, at = T0): Settlement {
  return {
    ...keysOf(delivery),
    attempt: attemptAt(delivery, at, {}),
    verdict: { state: 'succeeded' },
    receiver: 'works',
  };
}

export function exhausted(delivery: ReadyDelivery, at = T0): Settlement {
  const attempt = attemptAt(delivery, at, { status: 500, error: 'the receiver answered 500' });
  return { ...keysOf(delivery), attempt, verdict: { state: 'failed' }, receiver: 'fails' };
}

export function postponed(delivery: ReadyDelivery, nextAttemptAt: number, at = T0): Settlement {
  const attempt = attemptAt(delivery, at, { status: null, response: null, error: 'connection refused' });
  return { ...keysOf(delivery), attempt, verdict: { state: 'pending', nextAttemptAt }, receiver: 'fails' };
}

/** Settles. Returns the promoted deliveries. */
export async function settle(
  storage: Storage,
  settlements: readonly Settlement[],
  now: number,
): Promise<readonly ReadyDelivery[]> {
  return (await storage.queue.settle(settlements, now, null)).promoted;
}

export async function createWebhook(storage: Storage, fields: Partial<Webhook> = {}): Promise<Webhook> {
  const webhook = newWebhook(fields);
  await storage.webhooks.create(webhook, null, null);
  return webhook;
}

/** Commits `count` events of one media. Returns the ready deliveries. */
export async function commitLane(storage: Storage, mediaId: string, count = 1): Promise<ReadyDelivery[]> {
  const lane = Array.from({ length: count }, () => publication('partial.finished', { mediaId }));
  return [...(await storage.events.commit(lane, T0)).ready];
}

export async function commitOne(storage: Storage, mediaId = 'media-1'): Promise<ReadyDelivery> {
  return only(await commitLane(storage, mediaId));
}

export async function claim(storage: Storage, now: number, fields: Partial<ClaimRequest> = {}) {
  const request = { now, limit: 100, perWebhook: 100, buffered: [], after: null, ...fields };
  return storage.queue.claim(request);
}

export function only<T>(items: readonly T[]): T {
  assert.equal(items.length, 1);
  return items[0] as T;
}

/** Lists all deliveries of a webhook, oldest first. */
export async function deliveriesOf(storage: Storage, webhook: Webhook): Promise<Delivery[]> {
  const request = { limit: 1_000, before: null, state: null, event: null, mediaId: null };
  return (await storage.deliveries.list(webhook.userId, webhook.id, request)).items.toReversed();
}

export async function deliveryOf(storage: Storage, { id }: { id: string }) {
  return (await storage.deliveries.find(USER, id)) ?? assert.fail(`no delivery ${id}`);
}
