import type { ReadyDelivery } from '../../domain/delivery.ts';
import type { NewEvent } from '../../domain/event.ts';
import type { MediaStep } from '../../domain/media.ts';

/**
 * An event, and the change of a media's state that the event announces. Both are committed in one
 * transaction.
 */
export interface Publication {
  readonly event: NewEvent;
  /** `null`: no media is changed, because the event was published through the API. */
  readonly step: MediaStep | null;
}

/**
 * `committed`: the event and all of its deliveries are durable.
 * `repeated`: the account already has an event with this idempotency key; nothing was changed.
 * `refused`: the media is not in the state from which the step starts; nothing was changed.
 */
export type PublicationOutcome = 'committed' | 'repeated' | 'refused';

export interface Committed {
  /** Outcomes in the order of the publications. If fewer than these, the others were not committed. */
  readonly outcomes: readonly PublicationOutcome[];
  /**
   * Deliveries that can be sent at once. They are claimed for the caller, who must settle or release each of
   * them.
   */
  readonly ready: readonly ReadyDelivery[];
  /** Whether more deliveries are ready than a caller can take at once. They are due, and nobody has claimed them. */
  readonly hasMoreReady?: true;
}

export interface EventStore {
  /**
   * Commits events in one transaction: the events, the steps of their media, and one delivery for each
   * webhook that subscribes to an event. A publication that is repeated or refused does not affect the other
   * publications.
   *
   * A new delivery is ready when no earlier delivery of its lane is pending. Otherwise the delivery waits
   * until `Queue.settle` makes it ready. A ready delivery to a paused webhook is due, but it is not claimed
   * for the caller.
   * @param steadyNow time of the steady clock, from which ready deliveries are due: see `Queue`
   * @param groups numbers of publications that are to be committed together, in their order. If the publications have
   * very many deliveries, only the first groups are committed. If the first group alone has very many, only its first
   * publications are, at least one. Default: all are committed
   */
  commit(
    publications: readonly Publication[],
    now: number,
    steadyNow?: number,
    groups?: readonly number[],
  ): Promise<Committed>;
}
