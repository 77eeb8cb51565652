import { freePort } from '../../../test/support/service/service-process.ts';
import { type Row, type RowResult, rounded } from '../row.ts';
import { ServiceUnderLoad } from '../service-under-load.ts';

/** CPU time of a delivery that most platforms can expect: at full load, many share a commit, a message and a wake-up. */
const PACE = { perSecond: 100, warmUpSeconds: 10, seconds: 30 };
const WEBHOOKS = 16;
/** Commit 81333fa spent 2,240 µs in each of two runs on the machine of docs/performance.md, between runs of this build. */
const EARLIER_US = 2_240;
const GOAL = 0.35;

export const gentle: Row = {
  name: 'gentle',
  measures: `CPU per delivery at ${PACE.perSecond} events a second, one a request, ÷ ${EARLIER_US} µs of commit 81333fa`,
  goal: `≤ ${GOAL}`,
  run,
};

async function run(): Promise<RowResult> {
  const port = await freePort();
  const urls = Array.from({ length: WEBHOOKS }, (_, n) => [`http://127.0.0.1:${port}/${n}`]);
  const service = await ServiceUnderLoad.start(urls);
  const probe = (seconds: number) =>
    service.probe({ ...PACE, warmUpSeconds: 0, seconds, hosts: ['127.0.0.1'], port, hanging: [] });
  try {
    await probe(PACE.warmUpSeconds);
    const before = service.cpuSeconds;
    const measured = await probe(PACE.seconds);
    const cpuSeconds = service.cpuSeconds - before;
    const each = (cpuSeconds / measured.count) * 1e6;
    const lost = measured.missing + measured.errors;
    return {
      value: rounded(each / EARLIER_US),
      holds: each / EARLIER_US <= GOAL && lost === 0,
      from: {
        deliveries: measured.count,
        'CPU per delivery, µs': rounded(each),
        'CPU, % of a core': rounded((cpuSeconds / PACE.seconds) * 100),
        'events that never came, requests refused': lost,
      },
    };
  } finally {
    await service.remove();
  }
}
