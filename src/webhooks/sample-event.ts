import { randomUUIDv7 } from 'node:crypto';
import type { Exchange } from '../delivery/attempt/exchange.ts';
import { deliveryHeaders, failureReason } from '../delivery/attempt/make-attempt.ts';
import type { Sender } from '../delivery/attempt/sender.ts';
import { ServiceError } from '../domain/errors.ts';
import { eventBody } from '../domain/event.ts';
import { senderCredentialsOf, type Webhook } from '../domain/webhook.ts';

/**
 * Sends a sample event to a webhook, signed like every other event. The event belongs to no media, is not
 * stored, and is not retried.
 * @param at present time in milliseconds since the epoch
 * @throws ServiceError `receiver_failed`, with the receiver's answer, unless the receiver answers 2xx;
 * `unavailable` if the request could not be sent for a cause on our own side, which is the operator's concern
 */
export async function sendSampleEvent(
  webhook: Webhook,
  { sender, at }: { readonly sender: Pick<Sender, 'post'>; readonly at: number },
): Promise<Exchange> {
  const sample = { id: randomUUIDv7(), body: sampleBody(webhook, at) };
  const headers = deliveryHeaders({ ...sample, at }, senderCredentialsOf(webhook));
  const exchange = await sender.post(webhook.url, headers, sample.body);
  if (exchange.ownCause !== null) {
    throw new ServiceError(
      'unavailable',
      'the service can not send requests at present; this says nothing about the receiver',
    );
  }
  const failure = failureReason(exchange);
  if (failure === null) return exchange;
  const answer = exchange.response ? `; its answer begins: ${exchange.response}` : '';
  throw new ServiceError('receiver_failed', `${failure}, after ${exchange.durationMs} ms${answer}`);
}

function sampleBody(webhook: Webhook, at: number): string {
  const type = webhook.events[0] ?? 'file.received';
  return eventBody({
    type,
    emittedAt: at,
    mediaId: randomUUIDv7(),
    mediaType: 'video',
    qualities: type === 'partial.finished' ? ['720p'] : ['360p', '720p'],
    title: 'Sample event',
    userId: webhook.userId,
  });
}
