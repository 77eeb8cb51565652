import assert from 'node:assert/strict';
import type { Received } from '../receivers/receiver.ts';

/**
 * Asserts the promises about all requests that one webhook's receiver got, even if the service was killed:
 * each signature is valid, a repeat has the same id and the same bytes, and within a media no event is sent
 * again after a later event was sent.
 * @returns the number of requests that were repeats
 */
export function assertLanes(received: readonly Received[]): number {
  const bodies = new Map<string, string>();
  const lanes = Map.groupBy(received, ({ event }) => event.media_id);
  for (const { id, body, verified } of received) {
    assert.ok(verified, `the signature of ${id}`);
    assert.equal(body, bodies.get(id) ?? body, `a repeat of ${id} has other bytes`);
    bodies.set(id, body);
  }
  for (const lane of lanes.values()) assertNoReturn(lane);
  return received.length - bodies.size;
}

/**
 * Asserts that each event of a media was emitted once: all requests with the same media, type and qualities
 * have one id.
 */
export function assertEmittedOnce(received: readonly Received[]): void {
  const facts = Map.groupBy(received, ({ event }) => `${event.media_id} ${event.type} ${event.qualities}`);
  for (const [fact, repeats] of facts) {
    assert.equal(new Set(repeats.map(({ id }) => id)).size, 1, `${fact} was emitted more than once`);
  }
}

/** Returns the first request of each event, in the order of arrival. */
export function firstArrivals(received: readonly Received[]): Received[] {
  const seen = new Set<string>();
  return received.filter(({ id }) => !seen.has(id) && seen.add(id));
}

/**
 * Returns descriptions of the events of a media, such as `partial.finished 720p`, in the order of their first
 * arrival.
 */
export function story(received: readonly Received[], mediaId: string): string[] {
  const lane = received.filter(({ event }) => event.media_id === mediaId);
  return firstArrivals(lane).map(({ event }) => `${event.type} ${event.qualities}`);
}

function assertNoReturn(lane: readonly Received[]): void {
  const done = new Set<string>();
  let current: string | null = null;
  for (const { id, body } of lane) {
    if (id === current) continue;
    if (current !== null) done.add(current);
    assert.ok(!done.has(id), `sent again after a later event of its lane: ${body}`);
    current = id;
  }
}
