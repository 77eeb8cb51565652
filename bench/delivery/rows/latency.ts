import { freePort } from '../../../test/support/service-process.ts';
import type { BareProbeTask } from '../programs/bare-probe.ts';
import type { Percentiles } from '../programs/pace.ts';
import { type Row, type RowResult, rounded } from '../row.ts';
import { runProgram } from '../run-program.ts';
import { ServiceUnderLoad } from '../service-under-load.ts';

const GOAL = 4;
const PACE = { perSecond: 500, warmUpSeconds: 5, seconds: 15 };
const WEBHOOKS = 16;

export const latency: Row = {
  name: 'latency',
  measures:
    'p99 from the 202 to the first byte at 500 events/s, ÷ the same of a bare undici request at that rate',
  goal: `≤ ${GOAL}`,
  run,
};

async function run(): Promise<RowResult> {
  const port = await freePort();
  const urls = Array.from({ length: WEBHOOKS }, (_, n) => [`http://127.0.0.1:${port}/${n}`]);
  const service = await ServiceUnderLoad.start(urls);
  try {
    const bareBefore = await bareProbe();
    const measured = await service.probe({ ...PACE, port, hanging: [] });
    const bareAfter = await bareProbe();
    const bare = { p50: (bareBefore.p50 + bareAfter.p50) / 2, p99: (bareBefore.p99 + bareAfter.p99) / 2 };
    const ratio = measured.p99 / bare.p99;
    return {
      value: rounded(ratio),
      holds: ratio <= GOAL && measured.missing + measured.errors === 0,
      from: {
        events: measured.count,
        'p50, ms': rounded(measured.p50),
        'p99, ms': rounded(measured.p99),
        'bare p50, ms': rounded(bare.p50),
        'bare p99, ms': rounded(bare.p99),
        'p50 ratio': rounded(measured.p50 / bare.p50),
        'events that never came': measured.missing,
        'requests refused': measured.errors,
      },
    };
  } finally {
    await service.remove();
  }
}

function bareProbe(): Promise<Percentiles> {
  return runProgram('bare-probe.ts', { ...PACE, seconds: 8 } satisfies BareProbeTask);
}
