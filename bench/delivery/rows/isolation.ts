import { freePort } from '../../../test/support/service/service-process.ts';
import type { ProbeResult } from '../programs/probe.ts';
import { type Row, type RowResult, rounded } from '../row.ts';
import { ServiceUnderLoad } from '../service-under-load.ts';

const GOAL = 1.5;
const WEBHOOKS = 1_000;
/** Every fifth webhook is never answered. */
const HANGING_EACH = 5;
/**
 * The warm-up and the measurement together last longer than twice the time limit of a request, 10 s. So
 * unanswered requests have reached every limit on requests in flight.
 */
const PACE = { perSecond: 500, warmUpSeconds: 5, seconds: 25 };

export const isolation: Row = {
  name: 'isolation',
  measures: `p99 of the healthy among ${WEBHOOKS} webhooks at 500 events/s while 20 % of the receivers hang, ÷ without any`,
  goal: `≤ ${GOAL}`,
  run,
};

async function run(): Promise<RowResult> {
  const without = await measure(() => false);
  const among = await measure((index) => index % HANGING_EACH === 0);
  const ratio = among.p99 / without.p99;
  return {
    value: rounded(ratio),
    holds: ratio <= GOAL && among.missing + among.errors === 0,
    from: {
      'events for healthy receivers': among.count,
      'p50 without, ms': rounded(without.p50),
      'p50 among hanging ones, ms': rounded(among.p50),
      'p99 without, ms': rounded(without.p99),
      'p99 among hanging ones, ms': rounded(among.p99),
      'slowest among hanging ones, ms': rounded(among.max),
      'events that never came': among.missing,
    },
  };
}

async function measure(hangs: (index: number) => boolean): Promise<ProbeResult> {
  const port = await freePort();
  // Each webhook has a host of its own with its own connections, as most receivers of customers do.
  const hosts = Array.from({ length: WEBHOOKS }, (_, n) => `127.1.${Math.floor(n / 250)}.${1 + (n % 250)}`);
  const urls = hosts.map((host, n) => [`http://${host}:${port}/${hangs(n) ? 'hang' : 'healthy'}`]);
  const service = await ServiceUnderLoad.start(urls, { MEDIAHOOKS_EGRESS_ALLOW: '127.0.0.0/8' });
  try {
    return await service.probe({ ...PACE, hosts, port, hanging: service.userIds.filter((_, n) => hangs(n)) });
  } finally {
    await service.remove();
  }
}
