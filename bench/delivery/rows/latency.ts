import { freePort, type ServiceProcess } from '../../../test/support/service/service-process.ts';
import { startNginx } from '../nginx.ts';
import type { BareProbeTask } from '../programs/bare-probe.ts';
import type { BusyAccountResult, BusyAccountTask } from '../programs/busy-account.ts';
import type { Percentiles } from '../programs/pace.ts';
import type { ProbeResult } from '../programs/probe.ts';
import { type Row, type RowResult, rounded } from '../row.ts';
import { runProgram } from '../run-program.ts';
import { createFailedDeliveries, createHistory } from '../seed.ts';
import { ServiceUnderLoad } from '../service-under-load.ts';

const GOAL = 1.5;
const PACE = { perSecond: 500, warmUpSeconds: 5, seconds: 15 };
const WEBHOOKS = 16;
/** Old deliveries for retention to remove: more than it can remove during the measurement. */
const OLD = { count: 200_000, days: 40 };
/** Deliveries that lists and the recovery read past, so that the table has a million rows. */
const RECENT = { count: 700_000, days: 0 };
/** Deliveries that the recovery sends: more than it can send during the measurement. */
const FAILED = 100_000;

export const latency: Row = {
  name: 'latency',
  measures:
    'p99 from the 202 to the first byte at 500 events/s, ÷ that of a bare undici request at that rate; while retention, a recovery and lists work on a million rows',
  goal: `≤ ${GOAL}`,
  run,
};

interface Measured {
  readonly measured: ProbeResult;
  /** Work that was done meanwhile. */
  readonly removed: number;
  readonly recovered: number;
  readonly lists: number;
}

async function run(): Promise<RowResult> {
  const bareBefore = await bareProbe();
  const quiet = await measureQuiet();
  const bareAfter = await bareProbe();
  const busy = await measureBusy();
  const bare = { p50: (bareBefore.p50 + bareAfter.p50) / 2, p99: (bareBefore.p99 + bareAfter.p99) / 2 };
  const [ratio, ratioBusy] = [quiet.p99 / bare.p99, busy.measured.p99 / bare.p99];
  const lost = quiet.missing + quiet.errors + busy.measured.missing + busy.measured.errors;
  const wasBusy = busy.removed > 0 && busy.recovered > 0 && busy.recovered < FAILED && busy.lists > 0;
  return {
    value: rounded(ratioBusy),
    holds: ratio <= GOAL && ratioBusy <= GOAL && wasBusy && lost === 0,
    from: {
      events: quiet.count,
      'p99 ratio with nothing beside': rounded(ratio),
      'p50, ms': rounded(quiet.p50),
      'p99, ms': rounded(quiet.p99),
      'bare p50, ms': rounded(bare.p50),
      'bare p99, ms': rounded(bare.p99),
      'p50 beside retention, a recovery and lists, ms': rounded(busy.measured.p50),
      'p99 beside retention, a recovery and lists, ms': rounded(busy.measured.p99),
      'deliveries that retention removed meanwhile': busy.removed,
      'deliveries that the recovery sent meanwhile': busy.recovered,
      'lists of a hundred deliveries meanwhile': busy.lists,
      'events that never came, requests refused': lost,
    },
  };
}

async function measureQuiet(): Promise<ProbeResult> {
  const port = await freePort();
  const service = await ServiceUnderLoad.start(urlsOf(port));
  try {
    return await probe(service, port);
  } finally {
    await service.remove();
  }
}

async function measureBusy(): Promise<Measured> {
  const port = await freePort();
  const nginx = await startNginx();
  const service = await ServiceUnderLoad.create(urlsOf(port));
  const { dataDir, client } = service.process;
  try {
    await createHistory(dataDir, service.userIds, OLD);
    await createHistory(dataDir, service.userIds, RECENT);
    const failed = { url: nginx.url, count: FAILED };
    const webhookId = await createFailedDeliveries(dataDir, client.credentials.userId, failed);
    await service.process.start();
    await recover(service.process, webhookId);
    const [measured, { counts }] = await Promise.all([
      probe(service, port),
      list(service.process, webhookId),
    ]);
    const old = Date.now() - 24 * 3600 * 1000;
    const lists = Object.values(counts).reduce((sum, { answered }) => sum + answered, 0);
    return {
      measured,
      removed: OLD.count - service.count(`deliveries where created_at < ${old}`),
      recovered: service.count(`deliveries where attempts > 1 and state = 'succeeded'`),
      lists,
    };
  } finally {
    await service.remove();
    await nginx.stop();
  }
}

const urlsOf = (port: number) =>
  Array.from({ length: WEBHOOKS }, (_, n) => [`http://127.0.0.1:${port}/${n}`]);

const probe = (service: ServiceUnderLoad, port: number) =>
  service.probe({ ...PACE, hosts: ['127.0.0.1'], port, hanging: [] });

async function recover({ url, client }: ServiceProcess, webhookId: string): Promise<void> {
  const answer = await fetch(`${url}/api/webhooks/${webhookId}/recover`, {
    method: 'POST',
    headers: { ...client.headers, 'content-type': 'application/json' },
    body: JSON.stringify({ since: new Date(0).toISOString() }),
  });
  if (answer.status !== 202) throw new Error(`the recovery was refused: ${await answer.text()}`);
}

/** Lists deliveries again and again: the newest ones, and those that have failed. */
function list({ url, client }: ServiceProcess, webhookId: string): Promise<BusyAccountResult> {
  const path = `/api/webhooks/${webhookId}/deliveries?limit=100`;
  return runProgram('busy-account.ts', {
    url,
    authorization: client.headers.authorization ?? '',
    seconds: PACE.warmUpSeconds + PACE.seconds,
    loads: [{ name: 'lists', method: 'GET', paths: [path, `${path}&state=failed`], inFlight: 2 }],
  } satisfies BusyAccountTask);
}

function bareProbe(): Promise<Percentiles> {
  return runProgram('bare-probe.ts', { ...PACE, seconds: 8 } satisfies BareProbeTask);
}
