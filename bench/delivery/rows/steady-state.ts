import { setTimeout as delay } from 'node:timers/promises';
import { startNginx } from '../nginx.ts';
import { type Row, type RowResult, rounded } from '../row.ts';
import { ServiceUnderLoad } from '../service-under-load.ts';

const WEBHOOKS = 100;
const SECONDS = 60;
const LOAD = { batch: 100, inFlight: 16 };
/**
 * Maximum number of undelivered events, as the number of seconds in which the service accepts that many
 * events.
 */
const GOAL_SECONDS = 3;
/** Maximum ratio of the peak memory in the last third of the time to the peak memory in the middle third. */
const GOAL_MEMORY = 1.15;

export const steadyState: Row = {
  name: 'steady-state',
  measures: `seconds of intake that are accepted and not yet delivered, at most, while intake runs at full speed for ${SECONDS} s`,
  goal: `≤ ${GOAL_SECONDS}, memory flat`,
  run,
};

interface Sample {
  readonly pending: number;
  readonly memory: number;
}

async function run(): Promise<RowResult> {
  const nginx = await startNginx();
  const service = await ServiceUnderLoad.start(Array.from({ length: WEBHOOKS }, () => [nginx.url]));
  try {
    const samples: Sample[] = [];
    const sampling = new AbortController();
    const sampler = sample(service, samples, sampling.signal);
    const load = await service.publish({ ...LOAD, seconds: SECONDS });
    sampling.abort();
    await sampler;
    const endedAt = performance.now();
    await service.untilDelivered();
    const perSecond = load.accepted / load.seconds;
    const pending = Math.max(...samples.map((one) => one.pending));
    const third = Math.floor(samples.length / 3);
    const [, middle, last] = [0, 1, 2].map((n) =>
      Math.max(...samples.slice(n * third, (n + 1) * third).map((one) => one.memory)),
    ) as [number, number, number];
    const value = pending / perSecond;
    return {
      value: rounded(value),
      holds: value <= GOAL_SECONDS && last / middle <= GOAL_MEMORY,
      from: {
        'accepted per second': Math.round(perSecond),
        'requests refused': load.refused,
        'most pending': pending,
        'pending at half time': samples[Math.floor(samples.length / 2)]?.pending ?? 0,
        'pending at the end': samples.at(-1)?.pending ?? 0,
        'seconds to deliver the rest': rounded((performance.now() - endedAt) / 1000),
        'memory, middle third, MiB': Math.round(middle),
        'memory, last third, MiB': Math.round(last),
      },
    };
  } finally {
    await service.remove();
    await nginx.stop();
  }
}

async function sample(service: ServiceUnderLoad, samples: Sample[], signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await delay(1_000);
    const pending = service.count(`deliveries where state = 'pending'`);
    samples.push({ pending, memory: service.memory.now });
  }
}
