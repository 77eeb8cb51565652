import { startNginx } from '../nginx.ts';
import { bytesWritten } from '../process-usage.ts';
import { type Row, type RowResult, rounded } from '../row.ts';
import { ServiceUnderLoad } from '../service-under-load.ts';
import { bareLoop } from './bare-loop.ts';
import { costOf, each } from './cost.ts';

/**
 * Number of webhooks, each of an account of its own. With ten requests in flight for each webhook, they keep
 * a core busy.
 */
const WEBHOOKS = 16;
/**
 * Number of events before the measurement. They make Node compile the measured code, as in a service that
 * runs for months.
 */
const WARM_UP_EVENTS = 40_000;

interface Throughput {
  readonly name: string;
  readonly measures: string;
  readonly goal: number;
  readonly events: number;
  readonly batch: number;
  readonly inFlight: number;
}

export const throughputSingle = throughput({
  name: 'throughput-1',
  measures: 'deliveries per CPU-second, one event a request, ÷ sends per CPU-second of a bare undici loop',
  goal: 0.3,
  events: 60_000,
  batch: 1,
  inFlight: 64,
});

export const throughputBatch = throughput({
  name: 'throughput-100',
  measures: 'the same, 100 events a request',
  goal: 0.5,
  events: 150_000,
  batch: 100,
  inFlight: 8,
});

function throughput(options: Throughput): Row {
  const { name, measures, goal } = options;
  return { name, measures, goal: `≥ ${goal}`, run: () => run(options) };
}

async function run({ goal, events, batch, inFlight }: Throughput): Promise<RowResult> {
  const nginx = await startNginx();
  const service = await ServiceUnderLoad.start(Array.from({ length: WEBHOOKS }, () => [nginx.url]));
  try {
    const before = await bareLoop(nginx.url);
    await service.publish({ total: WARM_UP_EVENTS, batch, inFlight });
    await service.untilDelivered();
    const writtenBefore = bytesWritten(service.process.pid);
    const cost = await costOf(service, {
      publish: () => service.publish({ total: events, batch, inFlight }),
      receiver: nginx.pid,
    });
    const written = bytesWritten(service.process.pid) - writtenBefore;
    const after = await bareLoop(nginx.url);
    const sockets = await bareLoop(nginx.url, 'sockets');
    assertDelivered(service, events + WARM_UP_EVENTS);
    const bare = (before.sent + after.sent) / (before.cpuSeconds + after.cpuSeconds);
    const ratio = cost.deliveries / cost.cpuSeconds / bare;
    return {
      value: rounded(ratio),
      holds: ratio >= goal,
      from: {
        events,
        'events per second': Math.round(events / cost.seconds),
        'CPU per event, µs': rounded(each(cost)),
        'CPU per send of the bare loop, µs': rounded(1e6 / bare),
        'CPU per send on bare sockets, µs': rounded((1e6 * sockets.cpuSeconds) / sockets.sent),
        'ratio to bare sockets': rounded(
          (cost.deliveries / cost.cpuSeconds) * (sockets.cpuSeconds / sockets.sent),
        ),
        'bytes written to the disk per event': Math.round(written / events),
        'sends per second of the bare loop': Math.round(before.sent / before.seconds),
        'cores busy: service': rounded(cost.cpuSeconds / cost.seconds),
        'cores busy: receiver': rounded(cost.busyReceiver),
        'cores busy: load generator': rounded(cost.busyLoad),
        'peak memory, MiB': Math.round(service.memory.peak),
      },
    };
  } finally {
    await service.remove();
    await nginx.stop();
  }
}

/** Checks that each accepted event was delivered by one attempt, and that the attempt is recorded. */
function assertDelivered(service: ServiceUnderLoad, events: number): void {
  const delivered = service.count(
    `deliveries where state = 'succeeded' and attempts = 1 and last_status = 200`,
  );
  if (delivered !== events)
    throw new Error(`${events} events, but ${delivered} were delivered and recorded once`);
}
