import type { AttemptedDelivery } from '../../delivery/claiming/recorder.ts';
import type { ReadyDelivery, Settlement } from '../../domain/delivery.ts';
import type { EventType } from '../../domain/event.ts';
import type { ShownDelivery } from '../shown-delivery.ts';

/** A change of a delivery: it has become ready, or the result of an attempt is durable. */
export interface DeliveryChange {
  readonly delivery: ReadyDelivery;
  /** `null`: the delivery has become ready. */
  readonly settlement: Settlement | null;
  /** Time of the change, in milliseconds since the epoch. */
  readonly at: number;
}

/** Number of characters of an account's id, and of what follows it in the body of an event. */
const ID_LENGTH = 36;
const END_LENGTH = 2;

/**
 * Returns the account of a delivery. Each body ends with the id (`eventBody`), so that finding it costs less than parsing
 * the body; `shownChange` compares the two before anything is shown.
 */
export function accountOf({ event: { body } }: ReadyDelivery): string {
  return body.slice(-ID_LENGTH - END_LENGTH, -END_LENGTH);
}

/** Converts a time of the steady clock into a time of the wall clock. */
export type ToWall = (steady: number | null) => number | null;

/** Returns a delivery as lists show it after a change; `null`: it belongs to another account than `userId`. */
export function shownChange(
  { delivery, settlement, at }: DeliveryChange,
  userId: string,
  toWall: ToWall,
): ShownDelivery | null {
  const { type, user_id } = JSON.parse(delivery.event.body) as { type: EventType; user_id: string };
  if (user_id !== userId) return null;
  const fields = {
    id: delivery.id,
    webhookId: delivery.webhook.id,
    userId,
    eventId: delivery.event.id,
    eventType: type,
    mediaId: delivery.event.mediaId,
    createdAt: createdAtOf(delivery.id),
    pending: null,
  };
  if (settlement === null) {
    const reason = { reason: 'queued', waitsFor: null, until: null } as const;
    const { attempts } = delivery;
    return {
      ...fields,
      ...{ state: 'pending', attempts, nextAttemptAt: at, endedAt: null, lastAttempt: null },
      pendingReason: reason,
    };
  }
  const { attempt, verdict } = settlement;
  const next = verdict.state === 'pending' ? toWall(verdict.nextAttemptAt) : null;
  return {
    ...fields,
    state: verdict.state,
    attempts: attempt.number,
    nextAttemptAt: next,
    endedAt: verdict.state === 'pending' ? null : at,
    lastAttempt: { at: attempt.at, status: attempt.status, error: attempt.error },
    pendingReason: next === null ? null : { reason: 'schedule', waitsFor: null, until: next },
  };
}

/** Returns the change that the recording of an attempt made. */
export function recordedChange({ delivery, settlement }: AttemptedDelivery, at: number): DeliveryChange {
  return { delivery, settlement, at };
}

/** Number of hexadecimal digits of the time in the id of a delivery: see `deliveryId` of the storage. */
const TIME_DIGITS = 12;

function createdAtOf(id: string): number {
  return Number.parseInt(id.replaceAll('-', '').slice(0, TIME_DIGITS), 16);
}
