import type { ReadyDelivery } from '../../domain/delivery.ts';
import { ListNode } from '../../platform/linked-list.ts';
import type { Contender, InFlightBuckets } from './in-flight-buckets.ts';

/** Deliveries of one webhook that wait to be sent, as the scheduler sees them. */
export interface WaitingDeliveries {
  readonly webhookId: string;
  /** Maximum number of requests in flight that the webhook itself sets. `null`: the service's default. */
  readonly maxInFlight: number | null;
  /** Oldest waiting delivery. */
  readonly first: ReadyDelivery | undefined;
  /** Removes and returns `first`. */
  removeFirst(): ReadyDelivery | null;
}

/** Receiving host and port, shared by all webhooks whose URL points to it. */
export interface Host {
  readonly origin: string;
  /** Requests in flight to this host. */
  inFlight: number;
  /** Requests in flight of the suspect webhooks that point to this host. */
  suspectInFlight: number;
  /** Number of queues that point to this host. */
  queues: number;
  /** Queues that could send, but for which this host has no room. Created when first needed. */
  blocked: InFlightBuckets<SchedulingState> | null;
}

/** State of one webhook's queue in the scheduler. Only the scheduler and its parts write to it. */
export class SchedulingState implements Contender<SchedulingState> {
  readonly queue: WaitingDeliveries;
  /** Requests in flight of this webhook. */
  inFlight = 0;
  /** Whether the latest request was slow, or has not ended in time, or is the first one. */
  isSuspect = false;
  /** Whether the latest request was answered fast. A new webhook is neither suspect nor known healthy. */
  isKnownHealthy = false;
  /** Ready queues or a host's blocked queues. `null`: nothing waits, or a limit of the webhook is reached. */
  place: InFlightBuckets<SchedulingState> | null = null;
  /** Bucket and position within `place`. */
  bucket = 0;
  readonly node = new ListNode<SchedulingState>(this);
  /** Position among the known healthy webhooks with requests in flight. */
  readonly inProgressNode = new ListNode<SchedulingState>(this);
  /** When the latest request ended, or the first of those in flight began. Milliseconds since the epoch. */
  lastProgressAt = 0;
  /** Host of the first waiting delivery, and the URL from which it was derived. */
  host: Host | null = null;
  url = '';

  constructor(queue: WaitingDeliveries) {
    this.queue = queue;
  }
}
