import { Registry } from 'prom-client';
import { DELIVERY_STATES } from '../domain/delivery.ts';
import { EVENT_TYPES } from '../domain/event.ts';
import { counter, countersBy, histogram, histogramsBy } from './instruments.ts';

export const ATTEMPT_OUTCOMES = ['2xx', '3xx', '4xx', '5xx', 'timeout', 'connection', 'other'] as const;
/** What a request may be refused by. */
export const REQUEST_LIMITS = [
  'account',
  'address',
  'unauthorized',
  'connections',
  'webhooks',
  'api_keys',
  'open_uploads',
  'account_bytes',
] as const;
export type RequestLimit = (typeof REQUEST_LIMITS)[number];

export type AttemptOutcome = (typeof ATTEMPT_OUTCOMES)[number];

/** In seconds: from an fsync of a fast disk to a disk that hangs. */
const COMMIT_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5];
/** In seconds: from a receiver next door to the longest timeout there is. */
const SEND_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 300];
const SIZE_BUCKETS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000];

/**
 * What the service counts about itself. Labels are few and known beforehand; ids and URLs never are labels.
 * Counting costs the hot path 0.06 µs a counter and 0.15 µs a histogram (measured), once a batch where there is one.
 * What can be read when it is asked for is not counted here: see `gauges.ts` and `process-metrics.ts`.
 */
export class Metrics {
  /** Of its own: two services in one process share nothing. */
  readonly registry = new Registry();

  readonly eventsAccepted = countersBy(this.registry, {
    name: 'mediahooks_events_accepted_total',
    help: 'Events committed with the deliveries that they owe.',
    label: 'type',
    values: EVENT_TYPES,
  });

  readonly eventsRepeated = countersBy(this.registry, {
    name: 'mediahooks_events_repeated_total',
    help: 'Events whose event_id was known already; accepted, and not delivered again.',
    label: 'type',
    values: EVENT_TYPES,
  });

  readonly deliveriesEnded = countersBy(this.registry, {
    name: 'mediahooks_deliveries_ended_total',
    help: 'Deliveries that ended; one that was sent again by hand ends again.',
    label: 'state',
    values: DELIVERY_STATES.filter((state) => state !== 'pending'),
  });

  readonly attempts = countersBy(this.registry, {
    name: 'mediahooks_attempts_total',
    help: 'Requests made to receivers, by what came back.',
    label: 'outcome',
    values: ATTEMPT_OUTCOMES,
  });

  readonly sendDuration = histogram(this.registry, {
    name: 'mediahooks_send_duration_seconds',
    help: 'Time from the start of a request to a receiver to the end of its answer, or to its failure.',
    buckets: SEND_BUCKETS,
  });

  readonly commitDuration = histogramsBy(this.registry, {
    name: 'mediahooks_commit_duration_seconds',
    help: 'Time from handing a batch to the database to its fsynced commit.',
    label: 'operation',
    values: ['publish', 'settle'],
    buckets: COMMIT_BUCKETS,
  });

  readonly commitSize = histogramsBy(this.registry, {
    name: 'mediahooks_commit_size',
    help: 'Events (publish) or attempts (settle) in one commit.',
    label: 'operation',
    values: ['publish', 'settle'],
    buckets: SIZE_BUCKETS,
  });

  readonly commitsFailed = countersBy(this.registry, {
    name: 'mediahooks_commits_failed_total',
    help: 'Commits that the database rejected.',
    label: 'operation',
    values: ['publish', 'settle'],
  });

  readonly uploadParts = countersBy(this.registry, {
    name: 'mediahooks_upload_parts_total',
    help: 'Parts of uploads, by whether they were kept.',
    label: 'outcome',
    values: ['finished', 'failed'],
  });

  readonly uploads = counter(this.registry, {
    name: 'mediahooks_uploads_finished_total',
    help: 'Uploads completed: file.received was committed.',
  });

  readonly encodes = countersBy(this.registry, {
    name: 'mediahooks_encodes_total',
    help: 'Media whose encoding ended.',
    label: 'outcome',
    values: ['finished', 'failed'],
  });

  readonly retentionRemoved = countersBy(this.registry, {
    name: 'mediahooks_retention_removed_total',
    help: 'What retention removed from the database.',
    label: 'kind',
    values: ['events', 'deliveries', 'webhooks', 'audit_records'],
  });

  readonly requestsRefused = countersBy(this.registry, {
    name: 'mediahooks_requests_refused_total',
    help: 'Requests (of `connections`, connections) refused because a limit was reached.',
    label: 'limit',
    values: REQUEST_LIMITS,
  });

  /** Parts being received. */
  #partsUnderWay = 0;

  get partsUnderWay(): number {
    return this.#partsUnderWay;
  }

  /** Counts the receiving of a part while it lasts, and how it ended. */
  async uploadPart<T>(receive: () => Promise<T>): Promise<T> {
    this.#partsUnderWay += 1;
    try {
      const received = await receive();
      this.uploadParts.finished.inc();
      return received;
    } catch (error) {
      this.uploadParts.failed.inc();
      throw error;
    } finally {
      this.#partsUnderWay -= 1;
    }
  }
}
