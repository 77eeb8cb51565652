import type { ReadyDelivery } from '../../domain/delivery.ts';
import type { NewEvent } from '../../domain/event.ts';
import type { MediaStep } from '../../domain/media.ts';

/** An event and the state change that it tells of, to be committed as one; published events change nothing. */
export interface Publication {
  readonly event: NewEvent;
  readonly step: MediaStep | null;
}

/**
 * `committed`: the event and every delivery it owes are durable.
 * `repeated`: the account already has an event with this idempotency key; nothing was done, no step was taken.
 * `refused`: the media is not in the state that the step starts from; nothing was done.
 */
export type PublicationOutcome = 'committed' | 'repeated' | 'refused';

export interface Committed {
  /** In the order of the publications. */
  readonly outcomes: readonly PublicationOutcome[];
  /** Deliveries that may be sent at once. They are claimed for the caller, who must settle or release each. */
  readonly ready: readonly ReadyDelivery[];
}

export interface EventStore {
  /**
   * Commits events with their state changes, and a delivery for each webhook that wants one, in one transaction.
   * A publication that is repeated or refused leaves the others untouched.
   * A delivery is ready when nothing before it is pending in its lane; else it waits for `Queue.settle`.
   * That of a paused webhook is due, and not given to the caller.
   */
  commit(publications: readonly Publication[], now: number): Promise<Committed>;
}
