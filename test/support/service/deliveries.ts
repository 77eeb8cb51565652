import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { eventually } from '../../../src/platform/testing/eventually.ts';
import type { ApiClient } from './api-client.ts';
import { publish, publishedEvent } from './published-events.ts';

export interface DeliverySeen {
  readonly id: string;
  readonly event_id: string;
  readonly media_id: string;
  readonly event: string;
  readonly state: string;
  readonly attempt_count: number;
  readonly next_attempt_at: string | null;
  readonly pending_reason: string | null;
  readonly waits_for: string | null;
  readonly waits_until: string | null;
}

export interface AttemptSeen {
  readonly number: number;
  readonly at: string;
  readonly duration_ms: number;
  readonly status: number | null;
  readonly error: string | null;
}

/** Lists all deliveries of a webhook through the API, the oldest first. */
export async function deliveriesOf(
  client: ApiClient,
  webhookId: string,
  state?: string,
): Promise<DeliverySeen[]> {
  const found: DeliverySeen[] = [];
  let cursor: string | null = null;
  do {
    const query = new URLSearchParams({ limit: '100', ...(state && { state }), ...(cursor && { cursor }) });
    const { data } = await client.expect(200, 'GET', `/webhooks/${webhookId}/deliveries?${query}`);
    found.push(...data.deliveries);
    cursor = data.next_cursor;
  } while (cursor !== null);
  return found.reverse();
}

/** Fulfils when no delivery of a webhook is pending. */
export async function untilAllEnded(client: ApiClient, webhookId: string): Promise<void> {
  const path = `/webhooks/${webhookId}/deliveries?state=pending&limit=1`;
  await eventually('no delivery is pending', async () => {
    const { data } = await client.expect(200, 'GET', path);
    return data.deliveries.length === 0 && data.next_cursor === null;
  });
}

export async function attemptsOf(client: ApiClient, deliveryId: string): Promise<AttemptSeen[]> {
  return (await client.expect(200, 'GET', `/deliveries/${deliveryId}`)).data.delivery.attempts;
}

/**
 * Publishes an event for the client's account, and waits until it is delivered. Asserts that there was one
 * attempt, and returns the result of this attempt.
 */
export async function attemptOnce(
  { client, operator }: { readonly client: ApiClient; readonly operator: ApiClient },
  webhookId: string,
) {
  await publish(operator, [publishedEvent(client, randomUUID(), 1)]);
  await untilAllEnded(client, webhookId);
  const delivery = (await deliveriesOf(client, webhookId)).at(-1) ?? assert.fail('there is no delivery');
  const [attempt = assert.fail('there is no attempt'), ...more] = await attemptsOf(client, delivery.id);
  assert.deepEqual(more, []);
  return { state: delivery.state, status: attempt.status, error: attempt.error };
}
