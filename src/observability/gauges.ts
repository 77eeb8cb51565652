import { setTimeout as delay } from 'node:timers/promises';
import type { Sender } from '../delivery/attempt/sender.ts';
import type { CircuitCounts } from '../delivery/scheduling/circuits.ts';
import type { Publisher } from '../events/publisher.ts';
import type { Pipeline } from '../media/encoding/pipeline.ts';
import type { Due } from '../storage/contracts/queue.ts';
import type { Storage } from '../storage/contracts/storage.ts';
import { gauge, type Naming } from './instruments.ts';
import type { Metrics } from './metrics.ts';

/** Parts of the service whose state the gauges read at each scrape. */
export interface GaugeSources {
  readonly sender: Pick<Sender, 'inFlight'>;
  readonly dispatcher: { readonly buffered: number; readonly circuits: { readonly counts: CircuitCounts } };
  readonly publisher: Pick<Publisher, 'waiting'>;
  readonly pipeline: Pick<Pipeline, 'encoders'>;
  readonly storage: { readonly queue: Pick<Storage['queue'], 'due'> };
  /** Returns the time of the steady clock, by which deliveries are due. */
  readonly steadyNow: () => number;
}

/** Maximum number of due deliveries that one query counts, so that the query takes at most a millisecond. */
export const DUE_COUNTED = 10_000;
/** Milliseconds for which all scrapes use the result of the same database query. */
const QUERY_EVERY_MS = 1_000;
/**
 * Maximum milliseconds that a scrape waits for the database query. If the database hangs, the other metrics
 * must still be visible.
 */
const QUERY_WITHIN_MS = 1_000;

interface LiveGauge extends Naming {
  readonly read: (sources: GaugeSources) => number;
}

/** Gauges whose values are read from memory. docs/operating/metrics.md must list each of these gauges. */
const LIVE: readonly LiveGauge[] = [
  {
    name: 'mediahooks_requests_in_flight',
    help: 'Requests in flight to receivers.',
    read: ({ sender }) => sender.inFlight,
  },
  {
    name: 'mediahooks_deliveries_held',
    help: 'Deliveries in memory: waiting to be sent, in flight, or being recorded.',
    read: ({ dispatcher }) => dispatcher.buffered,
  },
  {
    name: 'mediahooks_circuits_open',
    help: 'Webhooks whose receivers do not answer, so that they are only probed.',
    read: ({ dispatcher }) => dispatcher.circuits.counts.open + dispatcher.circuits.counts.halfOpen,
  },
  {
    name: 'mediahooks_events_waiting',
    help: 'Received events that wait for the next commit.',
    read: ({ publisher }) => publisher.waiting,
  },
  {
    name: 'mediahooks_encoders_running',
    help: 'Running encoders.',
    read: ({ pipeline }) => pipeline.encoders.running,
  },
  {
    name: 'mediahooks_encodes_waiting',
    help: 'Qualities and new media that wait for an encoder.',
    read: ({ pipeline }) => pipeline.encoders.waiting,
  },
];

/** Registers all metrics whose values are read from parts of the service at each scrape. */
export function registerGauges(metrics: Metrics, sources: GaugeSources): void {
  const { registry } = metrics;
  for (const { read, ...naming } of LIVE) gauge(registry, naming, () => read(sources));
  const parts = {
    name: 'mediahooks_upload_parts_running',
    help: 'Parts of uploads that are being received.',
  };
  gauge(registry, parts, () => metrics.partsInProgress);

  const due = dueReader(sources);
  const count = {
    name: 'mediahooks_deliveries_due',
    help: `Due deliveries that wait in the database; ${DUE_COUNTED} means that many or more.`,
  };
  gauge(registry, count, async () => (await due())?.count ?? Number.NaN);
  const lag = {
    name: 'mediahooks_deliveries_due_lag_seconds',
    help: 'Seconds since the oldest due delivery in the database became due; 0 if no delivery is due.',
  };
  gauge(registry, lag, async () => {
    const found = await due();
    if (!found) return Number.NaN;
    return found.oldestAt === null ? 0 : Math.max(0, sources.steadyNow() - found.oldestAt) / 1_000;
  });
}

/**
 * Returns a function that reads the number of due deliveries and the time at which the oldest of them became
 * due. The function returns `null` if the database fails or does not answer in time.
 */
function dueReader({ storage, steadyNow }: GaugeSources): () => Promise<Due | null> {
  let result: Promise<Due | null> | null = null;
  let queriedAt = Number.NEGATIVE_INFINITY;
  let isRunning = false;
  const query = async () => {
    isRunning = true;
    try {
      return await storage.queue.due(steadyNow(), DUE_COUNTED);
    } catch {
      // Hides the failure of the query: the metrics show NaN instead.
      return null;
    } finally {
      isRunning = false;
    }
  };
  return () => {
    if (!result || (!isRunning && steadyNow() - queriedAt >= QUERY_EVERY_MS)) {
      queriedAt = steadyNow();
      result = query();
    }
    return Promise.race([result, delay(QUERY_WITHIN_MS, null, { ref: false })]);
  };
}
