import { freePort } from '../../../test/support/service/service-process.ts';
import type { BareProbeTask } from '../programs/bare-probe.ts';
import type { Percentiles } from '../programs/pace.ts';
import type { ProbeResult } from '../programs/probe.ts';
import { type Row, type RowResult, rounded } from '../row.ts';
import { runProgram } from '../run-program.ts';
import { createHistory } from '../seed.ts';
import { ServiceUnderLoad } from '../service-under-load.ts';

const GOAL = 4;
const PACE = { perSecond: 500, warmUpSeconds: 5, seconds: 15 };
const WEBHOOKS = 16;
/** Old deliveries for retention to remove: more than it can remove during the measurement. */
const HISTORY = { count: 200_000, days: 40 };

export const latency: Row = {
  name: 'latency',
  measures:
    'p99 from the 202 to the first byte at 500 events/s, ÷ that of a bare undici request at that rate; and while retention works',
  goal: `≤ ${GOAL}`,
  run,
};

async function run(): Promise<RowResult> {
  const bareBefore = await bareProbe();
  const { measured } = await measure({ count: 0, days: 0 });
  const bareAfter = await bareProbe();
  const removing = await measure(HISTORY);
  const bare = { p50: (bareBefore.p50 + bareAfter.p50) / 2, p99: (bareBefore.p99 + bareAfter.p99) / 2 };
  const [ratio, ratioRemoving] = [measured.p99 / bare.p99, removing.measured.p99 / bare.p99];
  const lost = measured.missing + measured.errors + removing.measured.missing + removing.measured.errors;
  return {
    value: rounded(ratio),
    holds: ratio <= GOAL && ratioRemoving <= GOAL && removing.removed > 0 && lost === 0,
    from: {
      events: measured.count,
      'p50, ms': rounded(measured.p50),
      'p99, ms': rounded(measured.p99),
      'bare p50, ms': rounded(bare.p50),
      'bare p99, ms': rounded(bare.p99),
      'p50 while retention works, ms': rounded(removing.measured.p50),
      'p99 while retention works, ms': rounded(removing.measured.p99),
      'p99 ratio while retention works': rounded(ratioRemoving),
      'deliveries that retention removed meanwhile': removing.removed,
      'events that never came, requests refused': lost,
    },
  };
}

async function measure(history: typeof HISTORY): Promise<{ measured: ProbeResult; removed: number }> {
  const port = await freePort();
  const urls = Array.from({ length: WEBHOOKS }, (_, n) => [`http://127.0.0.1:${port}/${n}`]);
  const service = await ServiceUnderLoad.create(urls);
  try {
    if (history.count > 0) await createHistory(service.process.dataDir, service.userIds, history);
    await service.process.start();
    const measured = await service.probe({ ...PACE, hosts: ['127.0.0.1'], port, hanging: [] });
    const old = Date.now() - 24 * 3600 * 1000;
    return { measured, removed: history.count - service.count(`deliveries where created_at < ${old}`) };
  } finally {
    await service.remove();
  }
}

function bareProbe(): Promise<Percentiles> {
  return runProgram('bare-probe.ts', { ...PACE, seconds: 8 } satisfies BareProbeTask);
}
