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
const DELIVERIES = 150_000;

export const backlog: Row = {
  name: 'backlog',
  measures: `CPU per delivery with ${BACKLOG} deliveries due ÷ with none; peak memory with that backlog`,
  goal: `≤ ${GOAL}; ≤ ${MEMORY_GOAL_MIB} MiB`,
  run,
};

async function run(): Promise<RowResult> {
  const [none, million] = [await measure(0), await measure(BACKLOG)];
  const ratio = each(million.cost) / each(none.cost);
  return {
    value: rounded(ratio),
    holds: ratio <= GOAL && million.memory <= MEMORY_GOAL_MIB,
    from: {
      'deliveries measured': million.cost.deliveries,
      'CPU per delivery, none due, µs': rounded(each(none.cost)),
      [`CPU per delivery, ${BACKLOG} due, µs`]: rounded(each(million.cost)),
      'deliveries per second, none due': Math.round(none.cost.deliveries / none.cost.seconds),
      [`deliveries per second, ${BACKLOG} due`]: Math.round(million.cost.deliveries / million.cost.seconds),
      'peak memory, none due, MiB': Math.round(none.memory),
      [`peak memory, ${BACKLOG} due, MiB`]: Math.round(million.memory),
    },
  };
}

/** With a backlog, new events are published while the old ones are sent; both count. */
async function measure(due: number): Promise<{ cost: Cost; memory: number }> {
  const nginx = await startNginx();
  const service = await ServiceUnderLoad.create(Array.from({ length: WEBHOOKS }, () => [nginx.url]));
  try {
    if (due > 0) await createBacklog(service.process.dataDir, service.userIds, due);
    await service.process.start();
    await service.publish({ total: 10_000, ...LOAD });
    if (due === 0) await service.untilDelivered();
    const before = service.count(`deliveries where state = 'succeeded'`);
    const untilEnough = async () => {
      while (service.count(`deliveries where state = 'succeeded'`) - before < DELIVERIES) await delay(200);
    };
    const cost = await costOf(service, {
      publish: () => service.publish({ total: due === 0 ? DELIVERIES : DELIVERIES / 3, ...LOAD }),
      receiver: nginx.pid,
      ...(due === 0 ? {} : { until: untilEnough }),
    });
    return { cost, memory: service.memory.peak };
  } finally {
    await service.remove();
    await nginx.stop();
  }
}
