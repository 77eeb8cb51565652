import { startNginx } from '../nginx.ts';
import { cpuSeconds } from '../process-usage.ts';
import { type Row, type RowResult, rounded } from '../row.ts';
import { ServiceUnderLoad } from '../service-under-load.ts';
import { bareLoop } from './bare-loop.ts';

/** So many webhooks, of an account each, at ten requests under way each: more than the receiver needs to be busy. */
const WEBHOOKS = 16;
const WARM_UP_EVENTS = 10_000;

interface Throughput {
  readonly name: string;
  readonly measures: string;
  readonly goal: number;
  readonly events: number;
  readonly batch: number;
  readonly inFlight: number;
}

function throughput({ name, measures, goal, ...load }: Throughput): Row {
  return { name, measures, goal: `≥ ${goal}`, run: () => run(goal, load) };
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

async function run(
  goal: number,
  { events, batch, inFlight }: Pick<Throughput, 'events' | 'batch' | 'inFlight'>,
): Promise<RowResult> {
  const nginx = await startNginx();
  const service = await ServiceUnderLoad.start(Array.from({ length: WEBHOOKS }, () => [nginx.url]));
  try {
    const before = await bareLoop(nginx.url);
    await service.publish({ total: WARM_UP_EVENTS, batch, inFlight });
    await service.untilDelivered();

    const startedAt = performance.now();
    const [cpuBefore, nginxBefore] = [service.cpuSeconds, cpuSeconds(nginx.pid)];
    const load = await service.publish({ total: events, batch, inFlight });
    await service.untilDelivered();
    const seconds = (performance.now() - startedAt) / 1000;
    const [cpu, nginxCpu] = [service.cpuSeconds - cpuBefore, cpuSeconds(nginx.pid) - nginxBefore];

    const after = await bareLoop(nginx.url);
    assertDelivered(service, events + WARM_UP_EVENTS);
    const bare = (before.sent + after.sent) / (before.cpuSeconds + after.cpuSeconds);
    const ratio = events / cpu / bare;
    return {
      value: rounded(ratio),
      holds: ratio >= goal,
      from: {
        events,
        'events per second': Math.round(events / seconds),
        'CPU µs per event': rounded((cpu / events) * 1e6),
        'bare loop, CPU µs per send': rounded(1e6 / bare),
        'bare loop, sends per second': Math.round(before.sent / before.seconds),
        'busy cores: service': rounded(cpu / seconds),
        'busy cores: receiver': rounded(nginxCpu / seconds),
        'busy cores: load generator': rounded(load.cpuSeconds / load.seconds),
        'peak memory, MiB': Math.round(service.memory.peak),
      },
    };
  } finally {
    await service.remove();
    await nginx.stop();
  }
}

/** Each accepted event was delivered once, and its attempt recorded. */
function assertDelivered(service: ServiceUnderLoad, events: number): void {
  const succeeded = service.count(`deliveries where state = 'succeeded'`);
  const attempts = service.count('deliveries where attempts = 1 and last_status = 200');
  if (succeeded !== events || attempts !== events) {
    throw new Error(`${events} events, but ${succeeded} deliveries succeeded, by ${attempts} attempts`);
  }
}
