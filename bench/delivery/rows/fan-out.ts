import { startNginx } from '../nginx.ts';
import { type Row, type RowResult, rounded } from '../row.ts';
import { ServiceUnderLoad } from '../service-under-load.ts';
import { type Cost, costOf, each } from './cost.ts';

const GOAL = 0.8;
const WEBHOOKS = 1_000;
const DELIVERIES = 60_000;

export const fanOut: Row = {
  name: 'fan-out',
  measures: `CPU per delivery of one event to ${WEBHOOKS} webhooks ÷ of one to one`,
  goal: `≤ ${GOAL}`,
  run,
};

async function run(): Promise<RowResult> {
  const one = await measure(Array.from({ length: 16 }, () => 1));
  const many = await measure([WEBHOOKS]);
  const ratio = each(many) / each(one);
  return {
    value: rounded(ratio),
    holds: ratio <= GOAL,
    from: {
      deliveries: many.deliveries,
      'CPU per delivery, one to one, µs': rounded(each(one)),
      [`CPU per delivery, one to ${WEBHOOKS}, µs`]: rounded(each(many)),
      'deliveries per second, one to one': Math.round(one.deliveries / one.seconds),
      [`deliveries per second, one to ${WEBHOOKS}`]: Math.round(many.deliveries / many.seconds),
    },
  };
}

/**
 * Measures the cost per delivery, with one event in each request. @param webhooks number of webhooks of each
 * account
 */
async function measure(webhooks: readonly number[]): Promise<Cost> {
  const nginx = await startNginx();
  const subscribers = webhooks.map((count) => Array.from({ length: count }, () => nginx.url));
  const service = await ServiceUnderLoad.start(subscribers);
  const events = DELIVERIES / (webhooks[0] ?? 1);
  const load = { batch: 1, inFlight: Math.min(64, events / 10) };
  try {
    await service.publish({ total: events / 5, ...load });
    await service.untilDelivered();
    return await costOf(service, {
      publish: () => service.publish({ total: events, ...load }),
      receiver: nginx.pid,
    });
  } finally {
    await service.remove();
    await nginx.stop();
  }
}
