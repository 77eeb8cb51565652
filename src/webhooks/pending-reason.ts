import type { Dispatcher } from '../delivery/dispatcher.ts';
import type { Delivery, PendingReason } from '../domain/delivery.ts';

export interface PresentState {
  readonly dispatcher: Pick<Dispatcher, 'circuits' | 'isSending'>;
  /** Present time of the steady clock, by which deliveries and probes are due. */
  readonly steadyNow: number;
}

/**
 * Returns why a delivery is pending. `null`: the delivery has ended. If several reasons hold, an obstacle of
 * the whole webhook (a pause, a circuit that is not closed) comes before one of the delivery alone. `waitsFor`
 * is set whatever the reason, if another delivery of the lane must end first. `until` is a time of the steady
 * clock.
 */
export function pendingReasonOf(
  delivery: Delivery,
  { dispatcher, steadyNow }: PresentState,
): PendingReason | null {
  const { pending, webhookId, nextAttemptAt } = delivery;
  if (pending === null) return null;
  const { waitsFor, seq } = pending;
  if (pending.isClaimed && dispatcher.isSending(webhookId, seq))
    return { reason: 'sending', waitsFor, until: null };
  if (pending.isPaused) return { reason: 'paused', waitsFor, until: null };
  const circuit = dispatcher.circuits.of(webhookId);
  const isScheduled = nextAttemptAt !== null && nextAttemptAt > Math.max(steadyNow, circuit.probeAt ?? 0);
  if (circuit.state !== 'closed' && !isScheduled)
    return { reason: 'circuit', waitsFor, until: circuit.probeAt };
  if (nextAttemptAt === null) return { reason: 'lane', waitsFor, until: null };
  if (isScheduled) return { reason: 'schedule', waitsFor, until: nextAttemptAt };
  return { reason: 'queued', waitsFor, until: null };
}
