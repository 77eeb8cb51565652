import type { ReadyDelivery } from '../domain/delivery.ts';
import type { Logger } from '../logging/logger.ts';
import type { Queue } from '../storage/contracts/queue.ts';
import type { OnAttemptEnd } from './attempt/make-attempt.ts';
import type { AttemptedDelivery } from './claiming/recorder.ts';
import type { DeliveryBufferOptions } from './scheduling/delivery-buffer.ts';

export interface DispatcherOptions {
  readonly queue: Queue;
  readonly logger: Logger;
  /** Returns the present time of day in milliseconds since the epoch. Only records show it. */
  readonly now: () => number;
  /** Returns the time of the steady clock. All that waits is measured by it. */
  readonly steadyNow: () => number;
  /**
   * Makes one attempt of a delivery, and calls `onEnd` when it has ended. A failure of the receiver is no defect: the
   * settlement describes it. A delivery without a settlement is released, and tried again.
   */
  readonly attempt: (delivery: ReadyDelivery, onEnd: OnAttemptEnd) => void;
  /** Ends the attempts in flight, so that their results can be recorded as interrupted. */
  readonly interrupt: () => void;
  /** Called for each attempt whose result is durable. It must not throw. */
  readonly onRecorded?: (attempted: AttemptedDelivery) => void;
  /** Milliseconds for which `stop` waits for attempts in flight before it interrupts them. */
  readonly stopGraceMs: number;
  /**
   * Milliseconds for which all attempts of a webhook must have failed before the webhook is paused. `null`:
   * never pauses.
   */
  readonly pauseAfterMs: number | null;
  /** Limits for deliveries in memory and for requests in flight. */
  readonly limits: DeliveryBufferOptions;
}
