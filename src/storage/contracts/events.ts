import type { ReadyDelivery } from '../../domain/delivery.ts';
import type { NewEvent } from '../../domain/event.ts';
import type { MediaStep } from '../../domain/media.ts';

/** An event and the state change that it announces. Both are committed together. */
export interface Publication {
  readonly event: NewEvent;
  /** `null`: nothing changes, because the event was published through the API. */
  readonly step: MediaStep | null;
}

/**
 * `committed`: the event and all of its deliveries are durable.
 * `repeated`: the account already has an event with this idempotency key; nothing was done, and no step was taken.
 * `refused`: the media is not in the state from which the step starts; nothing was done.
 */
export type PublicationOutcome = 'committed' | 'repeated' | 'refused';

export interface Committed {
  /** In the order of the publications. */
  readonly outcomes: readonly PublicationOutcome[];
  /** Deliveries that may be sent at once. They are claimed for the caller, who must settle or release each of them. */
  readonly ready: readonly ReadyDelivery[];
}

export interface EventStore {
  /**
   * Commits events, their state changes, and a delivery for each webhook that subscribes to an event, in one
   * transaction. A publication that is repeated or refused does not affect the others. A delivery is ready when no
   * earlier delivery of its lane is pending; otherwise it waits for `Queue.settle`. A delivery to a paused webhook is
   * due, but it is not given to the caller.
   */
  commit(publications: readonly Publication[], now: number): Promise<Committed>;
}
