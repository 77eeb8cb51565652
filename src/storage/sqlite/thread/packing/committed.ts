import type { EventMessage, WebhookTarget } from '../../../../domain/delivery.ts';
import type { Committed, Publication, PublicationOutcome } from '../../../contracts/events.ts';
import { deliveryId } from '../../../kysely/tables/delivery-keys.ts';

/** The answer to a commit, without what its caller knows already. */
export interface PackedCommitted {
  /** A number: each publication was committed, and there were this many. */
  readonly outcomes: number | readonly PublicationOutcome[];
  /**
   * Three numbers for each ready delivery: its own number, the index of its publication, and the slot of its webhook's
   * target. A negative slot is `~slot`: the next of `targets` goes into this slot first.
   */
  readonly ready: readonly number[];
  readonly targets: readonly WebhookTarget[];
  readonly hasMoreReady: boolean;
}

/**
 * Number of targets that the receiving thread keeps. With more webhooks than this in turn, each answer has the targets
 * that it needs, as it would without slots. They take some 2 MiB.
 */
const SLOTS = 4_096;

/** Packs answers in the thread that commits. Answers must be unpacked in the same order, by one `CommittedUnpacker`. */
export class CommittedPacker {
  readonly #slots: (WebhookTarget | undefined)[] = [];
  readonly #slotOf = new WeakMap<WebhookTarget, number>();
  #next = 0;

  pack({ outcomes, ready, hasMoreReady }: Committed, publications: readonly Publication[]): PackedCommitted {
    const numbers: number[] = [];
    const targets: WebhookTarget[] = [];
    let index = -1;
    let message: EventMessage | null = null;
    for (const { seq, event, webhook } of ready) {
      // The deliveries of an event share its message, and have the order of the publications.
      if (event !== message) {
        message = event;
        index = indexOf(event, publications, index + 1);
      }
      numbers.push(seq, index, this.#slotFor(webhook, targets));
    }
    return {
      outcomes: outcomes.every((outcome) => outcome === 'committed') ? outcomes.length : outcomes,
      ready: numbers,
      targets,
      hasMoreReady: hasMoreReady ?? false,
    };
  }

  #slotFor(target: WebhookTarget, targets: WebhookTarget[]): number {
    const known = this.#slotOf.get(target);
    if (known !== undefined && this.#slots[known] === target) return known;
    const slot = this.#next;
    this.#next = (slot + 1) % SLOTS;
    this.#slots[slot] = target;
    this.#slotOf.set(target, slot);
    targets.push(target);
    return ~slot;
  }
}

/** Unpacks the answers of a `CommittedPacker`. */
export class CommittedUnpacker {
  readonly #slots: WebhookTarget[] = [];

  /** @param now the argument `now` of the commit */
  unpack(
    { outcomes, ready, targets, hasMoreReady }: PackedCommitted,
    publications: readonly Publication[],
    now: number,
  ): Committed {
    const deliveries: Committed['ready'][number][] = [];
    let nextTarget = 0;
    let index = -1;
    let message: EventMessage | null = null;
    for (let at = 0; at < ready.length; at += 3) {
      const seq = ready[at] as number;
      if (message === null || ready[at + 1] !== index) {
        index = ready[at + 1] as number;
        message = messageOf(publications[index] as Publication);
      }
      const slot = ready[at + 2] as number;
      if (slot < 0) this.#slots[~slot] = targets[nextTarget++] as WebhookTarget;
      const webhook = this.#slots[slot < 0 ? ~slot : slot] as WebhookTarget;
      deliveries.push({
        id: deliveryId(seq, now),
        seq,
        event: message,
        webhook,
        attempts: 0,
        attemptsBefore: 0,
      });
    }
    return {
      outcomes: typeof outcomes === 'number' ? new Array(outcomes).fill('committed') : outcomes,
      ready: deliveries,
      ...(hasMoreReady && { hasMoreReady }),
    };
  }
}

function messageOf({ event: { id, mediaId, body } }: Publication): EventMessage {
  return { id, mediaId, body };
}

/** Returns the index of the publication with this message, searching from `from`. */
function indexOf(
  { id, mediaId, body }: EventMessage,
  publications: readonly Publication[],
  from: number,
): number {
  for (let index = from; index < publications.length; index += 1) {
    const { event } = publications[index] as Publication;
    if (event.id === id && event.mediaId === mediaId && event.body === body) return index;
  }
  throw new Error(`the event ${id} was not among those that were to be committed`);
}
