import { randomUUIDv7 } from 'node:crypto';
import type { Exchange } from '../delivery/attempt/exchange.ts';
import { deliveryHeaders, failureReason } from '../delivery/attempt/make-attempt.ts';
import type { Sender } from '../delivery/attempt/sender.ts';
import { sentHeaders } from '../delivery/attempt/sent-headers.ts';
import { ServiceError } from '../domain/errors.ts';
import { type EventType, eventBody } from '../domain/event.ts';
import { senderCredentialsOf, type Webhook } from '../domain/webhook.ts';
import type { WebhookCheck } from '../domain/webhook-check.ts';
import { sentPartsOf } from '../domain/webhook-revision.ts';

/**
 * Header that marks a sample event, so that receivers can tell it from events of media. No header of an owner
 * can have this name, because names that begin with `webhook-` are reserved.
 */
export const TEST_HEADER = { 'webhook-test': 'true' };

export interface SampleOptions {
  readonly sender: Pick<Sender, 'post'>;
  /** Type of the event. Left out: the first type that the webhook wants. */
  readonly type?: EventType | undefined;
  /** Present time, in milliseconds since the epoch. */
  readonly at: number;
}

/**
 * Sends a sample event to a webhook, signed like every other event. The event belongs to no media, and is not
 * retried.
 * @throws ServiceError `unavailable` if the request could not be sent for a cause on our own side, which is
 * the operator's concern
 */
export async function sendSampleEvent(
  webhook: Webhook,
  { sender, type = webhook.events[0] ?? 'file.received', at }: SampleOptions,
): Promise<WebhookCheck> {
  const message = { id: randomUUIDv7(), at, body: sampleBody(webhook, type, at) };
  const headers = { ...deliveryHeaders(message, senderCredentialsOf(webhook)), ...TEST_HEADER };
  const exchange = await sender.post(webhook.url, headers, message.body);
  if (exchange.ownCause !== null) {
    throw new ServiceError(
      'unavailable',
      'the service can not send requests at present; this says nothing about the receiver',
    );
  }
  const sent = { url: webhook.url, sent: sentPartsOf(webhook) };
  return {
    id: randomUUIDv7(),
    eventType: type,
    eventId: message.id,
    url: webhook.url,
    headers: { ...sentHeaders(sent, message), ...TEST_HEADER },
    at,
    ...resultOf(exchange),
  };
}

function resultOf(exchange: Exchange) {
  const { durationMs, status, response } = exchange;
  return { durationMs, status, response, error: failureReason(exchange) };
}

/** Returns the error for a check whose receiver did not answer 2xx. It contains the receiver's answer. */
export function checkFailure({ error, durationMs, response }: WebhookCheck): ServiceError {
  const answer = response ? `; its answer begins: ${response}` : '';
  return new ServiceError('receiver_failed', `${error}, after ${durationMs} ms${answer}`);
}

function sampleBody(webhook: Webhook, type: EventType, at: number): string {
  return eventBody({
    type,
    emittedAt: at,
    mediaId: randomUUIDv7(),
    mediaType: 'video',
    qualities: type === 'partial.finished' ? '720p' : '360p,720p',
    title: 'Sample event',
    userId: webhook.userId,
  });
}
