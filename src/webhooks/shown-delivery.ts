import type { Delivery, PendingReason } from '../domain/delivery.ts';

/** A delivery with the reason why it is pending. `null`: the delivery has ended. */
export interface ShownDelivery extends Delivery {
  readonly pendingReason: PendingReason | null;
}
