import type { Sender } from '../delivery/attempt/sender.ts';
import type { CircuitCounts } from '../delivery/scheduling/circuits.ts';
import type { Publisher } from '../events/publisher.ts';
import { droppedEntries } from '../logging/logger.ts';
import type { Pipeline } from '../media/encoding/pipeline.ts';
import type { Storage } from '../storage/contracts/storage.ts';
import { DUE_COUNTED, dueReader } from './due-reader.ts';
import { countOf, gauge, gaugesBy, type Naming } from './instruments.ts';
import type { Metrics } from './metrics.ts';
import type { Readiness } from './readiness.ts';
import { withinScrape } from './within-scrape.ts';

/** Parts of the service whose state the gauges read at each scrape. */
export interface GaugeSources {
  readonly sender: Pick<Sender, 'inFlight'>;
  readonly dispatcher: {
    readonly buffered: number;
    readonly circuits: { readonly counts: CircuitCounts };
    readonly throttled: Iterable<string>;
  };
  readonly publisher: Pick<Publisher, 'waiting'>;
  readonly pipeline: Pick<Pipeline, 'encoders'>;
  readonly storage: { readonly queue: Pick<Storage['queue'], 'due'> };
  readonly readiness: Pick<Readiness, 'refusal'>;
  /** Returns the time of the steady clock, by which deliveries are due. */
  readonly steadyNow: () => number;
}

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
  const dropped = {
    name: 'mediahooks_log_entries_dropped_total',
    help: 'Log entries that were dropped because standard error took no more.',
  };
  countOf(registry, dropped, droppedEntries);
  const parts = {
    name: 'mediahooks_upload_parts_running',
    help: 'Parts of uploads that are being received.',
  };
  gauge(registry, parts, () => metrics.partsInProgress);

  const ready = {
    name: 'mediahooks_ready',
    help: 'Whether /readyz answers 200: 1 or 0.',
  };
  gauge(registry, ready, async () => {
    const refusal = await withinScrape(sources.readiness.refusal());
    return refusal === undefined ? Number.NaN : Number(refusal === null);
  });
  registerDue(metrics, sources);
}

/** Registers the gauges that need a query of the database. They show `NaN` if the database does not answer. */
function registerDue({ registry }: Metrics, sources: GaugeSources): void {
  const due = dueReader({
    queue: sources.storage.queue,
    throttled: () => [...sources.dispatcher.throttled],
    now: sources.steadyNow,
  });
  const count = {
    name: 'mediahooks_deliveries_due',
    help: `Due deliveries that wait in the database although they could be sent; ${DUE_COUNTED} means that many or more.`,
  };
  gauge(registry, count, async () => (await due())?.sendable.count ?? Number.NaN);
  const lag = {
    name: 'mediahooks_deliveries_due_lag_seconds',
    help: 'Seconds since the oldest due delivery that could be sent became due; 0 if there is no such delivery.',
  };
  gauge(registry, lag, async () => {
    const found = await due();
    if (!found) return Number.NaN;
    const { oldestAt } = found.sendable;
    return oldestAt === null ? 0 : Math.max(0, sources.steadyNow() - oldestAt) / 1_000;
  });
  const waiting = {
    name: 'mediahooks_deliveries_waiting',
    help: `Due deliveries that wait in the database for their webhook to be resumed (pause), or for its receiver to answer a probe (circuit); ${DUE_COUNTED} means that many or more.`,
    label: 'behind',
    values: ['pause', 'circuit'] as const,
  };
  gaugesBy(registry, waiting, async () => {
    const found = await due();
    return { pause: found?.paused.count ?? Number.NaN, circuit: found?.throttled.count ?? Number.NaN };
  });
}
