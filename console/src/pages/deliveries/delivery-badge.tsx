import { Badge, type Tone } from '../../components/display/badge.tsx';
import type { Delivery } from '../../queries/deliveries.ts';
import { deliveryTexts as texts } from '../../texts/deliveries.ts';

const TONES: Readonly<Record<Delivery['state'], Tone>> = {
  pending: 'accent',
  succeeded: 'good',
  failed: 'bad',
  cancelled: 'neutral',
};

/** State of a delivery; while it is pending, what it waits for. */
export function DeliveryBadge({
  delivery,
}: {
  readonly delivery: Pick<Delivery, 'state' | 'pending_reason' | 'last_error'>;
}) {
  const { state, pending_reason: reason, last_error: error } = delivery;
  const isTroubled = state === 'pending' && (error !== null || reason === 'paused' || reason === 'circuit');
  const text = state === 'pending' && reason ? texts.waiting[reason] : texts.states[state];
  return <Badge tone={isTroubled ? 'warn' : TONES[state]}>{text}</Badge>;
}
