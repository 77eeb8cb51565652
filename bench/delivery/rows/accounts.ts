import { startNginx } from '../nginx.ts';
import { type Row, type RowResult, rounded } from '../row.ts';
import { ServiceUnderLoad } from '../service-under-load.ts';
import { type Cost, costOf, each } from './cost.ts';

const GOAL = 1.2;
const FEW = 100;
const MANY = 100_000;
const LOAD = { batch: 100, inFlight: 8 };
/**
 * Number of events before the measurement. Each of the 100,000 accounts gets one event, so that the account's
 * data is in the caches.
 */
const WARM_UP_EVENTS = MANY;
const EVENTS = 80_000;

export const accounts: Row = {
  name: 'accounts',
  measures: `CPU per event with ${MANY} accounts and webhooks ÷ with ${FEW}`,
  goal: `≤ ${GOAL}`,
  run,
};

async function run(): Promise<RowResult> {
  const [few, many] = [await measure(FEW), await measure(MANY)];
  const ratio = each(many.cost) / each(few.cost);
  return {
    value: rounded(ratio),
    holds: ratio <= GOAL,
    from: {
      events: EVENTS,
      [`CPU per event, ${FEW} accounts, µs`]: rounded(each(few.cost)),
      [`CPU per event, ${MANY} accounts, µs`]: rounded(each(many.cost)),
      [`peak memory, ${FEW} accounts, MiB`]: Math.round(few.memory),
      [`peak memory, ${MANY} accounts, MiB`]: Math.round(many.memory),
    },
  };
}

async function measure(accounts: number): Promise<{ cost: Cost; memory: number }> {
  const nginx = await startNginx();
  const service = await ServiceUnderLoad.start(Array.from({ length: accounts }, () => [nginx.url]));
  try {
    await service.publish({ total: WARM_UP_EVENTS, ...LOAD });
    await service.untilDelivered();
    const cost = await costOf(service, {
      publish: () => service.publish({ total: EVENTS, ...LOAD }),
      receiver: nginx.pid,
    });
    return { cost, memory: service.memory.peak };
  } finally {
    await service.remove();
    await nginx.stop();
  }
}
