import { setTimeout as delay } from 'node:timers/promises';
import type { Sender } from '../delivery/attempt/sender.ts';
import type { CircuitCounts } from '../delivery/scheduling/circuits.ts';
import type { Publisher } from '../events/publisher.ts';
import type { Pipeline } from '../media/encoding/pipeline.ts';
import type { Due } from '../storage/contracts/queue.ts';
import type { Storage } from '../storage/contracts/storage.ts';
import { gauge, type Naming } from './instruments.ts';
import type { Metrics } from './metrics.ts';

/** The parts of the service whose state is read at each scrape. */
export interface GaugeSources {
  readonly sender: Pick<Sender, 'inFlight'>;
  readonly dispatcher: { readonly buffered: number; readonly circuits: { readonly counts: CircuitCounts } };
  readonly publisher: Pick<Publisher, 'waiting'>;
  readonly pipeline: Pick<Pipeline, 'encoders'>;
  readonly storage: { readonly queue: Pick<Storage['queue'], 'due'> };
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Due deliveries are counted so far: at the most a millisecond of the database's time a scrape. */
export const DUE_COUNTED = 10_000;
/** Scrapes within so many milliseconds share one look at the database, however many there are. */
const LOOK_EVERY_MS = 1_000;
/** A scrape waits so long for it: when the database hangs, the rest must still be seen. */
const LOOK_WITHIN_MS = 1_000;

interface LiveGauge extends Naming {
  readonly read: (sources: GaugeSources) => number;
}

/** What is known in memory. A new one is a row here and a row in docs/operating/metrics.md. */
const LIVE: readonly LiveGauge[] = [
  {
    name: 'mediahooks_requests_in_flight',
    help: 'Requests to receivers under way.',
    read: ({ sender }) => sender.inFlight,
  },
  {
    name: 'mediahooks_deliveries_held',
    help: 'Deliveries in memory: waiting for their turn, being sent, or being recorded.',
    read: ({ dispatcher }) => dispatcher.buffered,
  },
  {
    name: 'mediahooks_circuits_open',
    help: 'Webhooks whose receivers do not answer, and are only probed.',
    read: ({ dispatcher }) => dispatcher.circuits.counts.open + dispatcher.circuits.counts.halfOpen,
  },
  {
    name: 'mediahooks_events_waiting',
    help: 'Events received that wait for the next commit.',
    read: ({ publisher }) => publisher.waiting,
  },
  {
    name: 'mediahooks_encoders_running',
    help: 'Encoders at work.',
    read: ({ pipeline }) => pipeline.encoders.running,
  },
  {
    name: 'mediahooks_encodes_waiting',
    help: 'Qualities and new media that wait for an encoder.',
    read: ({ pipeline }) => pipeline.encoders.waiting,
  },
];

/** Registers what is read when a scrape asks. */
export function registerGauges(metrics: Metrics, sources: GaugeSources): void {
  const { registry } = metrics;
  for (const { read, ...naming } of LIVE) gauge(registry, naming, () => read(sources));
  const parts = { name: 'mediahooks_upload_parts_running', help: 'Parts of uploads being received.' };
  gauge(registry, parts, () => metrics.partsUnderWay);

  const due = dueReader(sources);
  const count = {
    name: 'mediahooks_deliveries_due',
    help: `Deliveries that are due and wait in the database; ${DUE_COUNTED} stands for that many or more.`,
  };
  gauge(registry, count, async () => (await due())?.count ?? Number.NaN);
  const lag = {
    name: 'mediahooks_deliveries_due_lag_seconds',
    help: 'For how long the oldest of these has been due, in seconds; 0 when there is none.',
  };
  gauge(registry, lag, async () => {
    const found = await due();
    if (!found) return Number.NaN;
    return found.oldestAt === null ? 0 : Math.max(0, sources.now() - found.oldestAt) / 1_000;
  });
}

/** What is due; null when the database does not say. */
function dueReader({ storage, now }: GaugeSources): () => Promise<Due | null> {
  let looking: Promise<Due | null> | null = null;
  let lookedAt = Number.NEGATIVE_INFINITY;
  let isUnderWay = false;
  const look = async () => {
    isUnderWay = true;
    try {
      return await storage.queue.due(now(), DUE_COUNTED);
    } catch {
      // Commits that fail are logged; this one is seen as NaN.
      return null;
    } finally {
      isUnderWay = false;
    }
  };
  return () => {
    if (!looking || (!isUnderWay && Math.abs(now() - lookedAt) >= LOOK_EVERY_MS)) {
      lookedAt = now();
      looking = look();
    }
    return Promise.race([looking, delay(LOOK_WITHIN_MS, null, { ref: false })]);
  };
}
