import { setTimeout as delay } from 'node:timers/promises';
import { startNginx } from '../nginx.ts';
import { type Row, type RowResult, rounded } from '../row.ts';
import { createBacklog } from '../seed.ts';
import { ServiceUnderLoad } from '../service-under-load.ts';
import { type Cost, costOf, each } from './cost.ts';

const GOAL = 1.2;
const MEMORY_GOAL_MIB = 300;
export const BACKLOG = 1_000_000;
const WEBHOOKS = 100;
const LOAD = { batch: 100, inFlight: 8 };
const DELIVERIES = 120_000;
const WARM_UP_EVENTS = 20_000;

export const backlog: Row = {
  name: 'backlog',
  measures: `CPU per delivery with ${BACKLOG} deliveries due ÷ with none; peak memory with that backlog`,
  goal: `≤ ${GOAL}; ≤ ${MEMORY_GOAL_MIB} MiB`,
  run,
};

async function run(): Promise<RowResult> {
  // The row without a backlog is measured before and after the row with one, because the speed of the machine
  // can change.
  const [before, million, after] = [await measure(0), await measure(BACKLOG), await measure(0)];
  const none = sumOf(before.cost, after.cost);
  const ratio = each(million.cost) / each(none);
  return {
    value: rounded(ratio),
    holds: ratio <= GOAL && million.memory <= MEMORY_GOAL_MIB,
    from: {
      'deliveries measured': million.cost.deliveries,
      'CPU per delivery, none due, µs': rounded(each(none)),
      [`CPU per delivery, ${BACKLOG} due, µs`]: rounded(each(million.cost)),
      'deliveries per second, none due': Math.round(none.deliveries / none.seconds),
      [`deliveries per second, ${BACKLOG} due`]: Math.round(million.cost.deliveries / million.cost.seconds),
      'peak memory, none due, MiB': Math.round(before.memory),
      [`peak memory, ${BACKLOG} due, MiB`]: Math.round(million.memory),
    },
  };
}

type Spent = Pick<Cost, 'deliveries' | 'cpuSeconds' | 'seconds'>;

function sumOf(one: Spent, other: Spent): Spent {
  return {
    deliveries: one.deliveries + other.deliveries,
    cpuSeconds: one.cpuSeconds + other.cpuSeconds,
    seconds: one.seconds + other.seconds,
  };
}

/**
 * Measures the cost per delivery. With a backlog, the service sends old deliveries while new events are
 * published, and both kinds of deliveries count.
 */
async function measure(due: number): Promise<{ cost: Cost; memory: number }> {
  const nginx = await startNginx();
  const service = await ServiceUnderLoad.create(Array.from({ length: WEBHOOKS }, () => [nginx.url]));
  try {
    if (due > 0) await createBacklog(service.process.dataDir, service.userIds, due);
    await service.process.start();
    await service.publish({ total: WARM_UP_EVENTS, ...LOAD });
    if (due === 0) await service.untilDelivered();
    const before = service.count(`deliveries where state = 'succeeded'`);
    const untilEnough = async () => {
      while (service.count(`deliveries where state = 'succeeded'`) - before < DELIVERIES) await delay(200);
    };
    const cost = await costOf(service, {
      publish: () => service.publish({ total: due === 0 ? DELIVERIES / 2 : DELIVERIES / 3, ...LOAD }),
      receiver: nginx.pid,
      ...(due === 0 ? {} : { until: untilEnough }),
    });
    return { cost, memory: service.memory.peak };
  } finally {
    await service.remove();
    await nginx.stop();
  }
}
