import assert from 'node:assert/strict';
import type { Received } from '../receivers/receiver.ts';

/**
 * Asserts the promises about all requests that one webhook's receiver got, whatever died meanwhile: a repeat has the
 * same id and the same bytes; each event of a media has one id; and within the media, once an event was sent, no
 * earlier event is sent again.
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

/** Asserts that each event of a media was emitted once: every (type, qualities) has one id. */
export function assertEmittedOnce(received: readonly Received[]): void {
  const facts = Map.groupBy(received, ({ event }) => `${event.media_id} ${event.type} ${event.qualities}`);
  for (const [fact, repeats] of facts) {
    assert.equal(new Set(repeats.map(({ id }) => id)).size, 1, `${fact} was emitted more than once`);
  }
}

/** Returns the first arrival of each event, in order. */
export function firstArrivals(received: readonly Received[]): Received[] {
  const seen = new Set<string>();
  return received.filter(({ id }) => !seen.has(id) && seen.add(id));
}

/** Returns the events of a media in the order of their first arrival, such as `partial.finished 720p`. */
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
