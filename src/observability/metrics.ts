import Registry from '@prometheus-io/client/lib/registry.js';
import { DELIVERY_STATES } from '../domain/delivery.ts';
import { EVENT_TYPES } from '../domain/event.ts';
import { counter, countersBy, histogram, histogramsBy } from './instruments.ts';

export const ATTEMPT_OUTCOMES = [
  ...['2xx', '3xx', '4xx', '5xx'],
  ...['timeout', 'connection', 'other', 'not_sent'],
] as const;
/** Names of the limits that can make the service refuse a request or a connection. */
export const REQUEST_LIMITS = [
  'account',
  'address',
  'unauthorized',
  'connections',
  'webhooks',
  'api_keys',
  'open_uploads',
  'account_bytes',
  'encoded_bytes',
  'lists',
  'bodies',
  'files',
  'record_bytes',
  'checks',
  'database',
] as const;
export type RequestLimit = (typeof REQUEST_LIMITS)[number];

export type AttemptOutcome = (typeof ATTEMPT_OUTCOMES)[number];

/** Upper bounds of the histogram's buckets in seconds, from an fsync on a fast disk to a disk that hangs. */
const COMMIT_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5];
/**
 * Upper bounds of the histogram's buckets in seconds, from a receiver on the same network to the longest
 * timeout that can be set.
 */
const SEND_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 300];
const SIZE_BUCKETS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000];

/**
 * Counters and histograms of the service. Each label has a small, fixed set of values; ids and URLs are never
 * label values. A counter costs 2 ns and a histogram 8 ns (measured), because they are plain numbers that a
 * scrape reads. Values that can be read at a scrape are not counted here:
 * `gauges.ts` and `process-metrics.ts` register them.
 */
export class Metrics {
  /** Registry of this service only, because two services in one process must not share their metrics. */
  readonly registry = new Registry();

  readonly eventsAccepted = countersBy(this.registry, {
    name: 'mediahooks_events_accepted_total',
    help: 'Events that were committed together with their deliveries.',
    label: 'type',
    values: EVENT_TYPES,
  });

  readonly eventsRepeated = countersBy(this.registry, {
    name: 'mediahooks_events_repeated_total',
    help: 'Events whose event_id was already known. They are accepted, but not delivered again.',
    label: 'type',
    values: EVENT_TYPES,
  });

  readonly deliveriesEnded = countersBy(this.registry, {
    name: 'mediahooks_deliveries_ended_total',
    help: 'Deliveries that have ended. A delivery that is sent again by hand ends again.',
    label: 'state',
    values: DELIVERY_STATES.filter((state) => state !== 'pending'),
  });

  readonly attempts = countersBy(this.registry, {
    name: 'mediahooks_attempts_total',
    help: 'Requests to receivers, by answer or failure.',
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
    help: 'Time from handing a batch to the database until it is durable.',
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
    help: 'Parts of uploads, by whether they were stored.',
    label: 'outcome',
    values: ['finished', 'failed'],
  });

  readonly uploads = counter(this.registry, {
    name: 'mediahooks_uploads_finished_total',
    help: 'Completed uploads, whose file.received was committed.',
  });

  readonly encodes = countersBy(this.registry, {
    name: 'mediahooks_encodes_total',
    help: 'Media whose encoding has ended.',
    label: 'outcome',
    values: ['finished', 'failed'],
  });

  readonly retentionRemoved = countersBy(this.registry, {
    name: 'mediahooks_retention_removed_total',
    help: 'Rows that retention removed from the database.',
    label: 'kind',
    values: ['events', 'deliveries', 'webhooks', 'audit_records'],
  });

  readonly requestsRefused = countersBy(this.registry, {
    name: 'mediahooks_requests_refused_total',
    help: 'Requests (for `connections`: connections) that were refused because a limit was reached.',
    label: 'limit',
    values: REQUEST_LIMITS,
  });

  /** Number of upload parts that are being received. */
  #partsInProgress = 0;

  get partsInProgress(): number {
    return this.#partsInProgress;
  }

  /** Counts an upload part as in progress while `receive` runs, and by its outcome afterwards. */
  async uploadPart<T>(receive: () => Promise<T>): Promise<T> {
    this.#partsInProgress += 1;
    try {
      const received = await receive();
      this.uploadParts.finished.inc();
      return received;
    } catch (error) {
      this.uploadParts.failed.inc();
      throw error;
    } finally {
      this.#partsInProgress -= 1;
    }
  }
}
