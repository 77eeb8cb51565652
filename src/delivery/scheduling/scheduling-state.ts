import type { ReadyDelivery } from '../../domain/delivery.ts';
import { ListNode } from '../../platform/linked-list.ts';
import type { Contender, InFlightBuckets } from './in-flight-buckets.ts';

/** Waiting deliveries of one webhook, with the members that the scheduler needs. */
export interface WaitingDeliveries {
  readonly webhookId: string;
  /** Maximum number of requests in flight that the webhook itself sets. `null`: the service's default. */
  readonly maxInFlight: number | null;
  /** Oldest waiting delivery. `undefined`: no delivery waits. */
  readonly first: ReadyDelivery | undefined;
  /** Removes and returns the oldest waiting delivery. */
  removeFirst(): ReadyDelivery | null;
}

/**
 * Receiving host, identified by scheme, host name and port. All webhooks whose URLs have the same three share
 * one `Host`.
 */
export interface Host {
  readonly origin: string;
  /** Number of requests in flight to this host. */
  inFlight: number;
  /** Number of requests in flight of the suspect webhooks whose queues point to this host. */
  suspectInFlight: number;
  /** Number of webhooks' queues that point to this host. */
  queues: number;
  /**
   * Queues that are blocked, because this host has as many requests in flight as allowed. `null`: no queue
   * has been blocked yet.
   */
  blocked: InFlightBuckets<SchedulingState> | null;
}

/**
 * State of one webhook's queue in the scheduler. Only the scheduler, with its hosts and buckets, writes to
 * this object.
 */
export class SchedulingState implements Contender<SchedulingState> {
  readonly queue: WaitingDeliveries;
  /** Number of requests in flight of this webhook. */
  inFlight = 0;
  /**
   * Whether the webhook is suspect. A webhook is suspect if its latest request was slow, if it has requests
   * in flight but none has ended for `SLOW_AFTER_MS`, or if its first request is in flight.
   */
  isSuspect = false;
  /** Whether the latest request was answered fast. A new webhook is neither suspect nor known healthy. */
  isKnownHealthy = false;
  /** Whether the webhook is suspect only because its first request is in flight. */
  isOnTrial = false;
  /**
   * Buckets that contain this queue: the buckets of ready queues, or the buckets of queues that a host
   * blocks. `null`: no delivery waits, or the webhook has as many requests in flight as allowed.
   */
  place: InFlightBuckets<SchedulingState> | null = null;
  /**
   * Number of the bucket in `place` that contains this queue. `node` is the queue's node in the list of that
   * bucket.
   */
  bucket = 0;
  readonly node = new ListNode<SchedulingState>(this);
  /** Node of this webhook in the scheduler's list of known healthy webhooks with requests in flight. */
  readonly inProgressNode = new ListNode<SchedulingState>(this);
  /**
   * When the webhook last made progress, by the steady clock. A webhook makes progress when one
   * of its requests ends, and when a request starts while no other request of the webhook is in flight.
   */
  lastProgressAt = 0;
  /** Host of the oldest waiting delivery. `url` is the URL from which the host was derived. */
  host: Host | null = null;
  url = '';

  constructor(queue: WaitingDeliveries) {
    this.queue = queue;
  }

  /** Whether the webhook is suspect because of a request that was slow, or that has been in flight for long. */
  get isFoundSlow(): boolean {
    return this.isSuspect && !this.isOnTrial;
  }
}
