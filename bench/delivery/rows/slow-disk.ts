import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Samples, scrape } from '../../../test/support/service/metrics.ts';
import { startNginx } from '../nginx.ts';
import type { Lateness } from '../programs/loop-probe.ts';
import { type Row, type RowResult, rounded } from '../row.ts';
import { ServiceUnderLoad } from '../service-under-load.ts';
import { slowFsyncs } from '../slow-fsyncs.ts';

const PROBE = new URL('../programs/loop-probe.ts', import.meta.url).href;
const WEBHOOKS = 100;
const FSYNC_MS = 200;
const GOAL_MS = 50;
/**
 * Maximum number of undelivered events, as the number of seconds in which the service accepts that many
 * events.
 */
const GOAL_PENDING_SECONDS = 5;
const WARM_UP_SECONDS = 5;
const SECONDS = 20;
const LOADS = {
  batches: { batch: 100, inFlight: 16 },
  single: { batch: 1, inFlight: 256 },
} as const;
const LOOK_EVERY_MS = 500;

export const slowDisk: Row = {
  name: 'slow-disk',
  measures: `longest time that the event loop was blocked, ms, at full load while each fsync takes ${FSYNC_MS} ms; without the time for which other processes had the processor`,
  goal: `≤ ${GOAL_MS}, events accepted and not delivered bounded`,
  run,
};

async function run(): Promise<RowResult> {
  const nginx = await startNginx();
  const [busy = 0] = loadavg();
  const dir = await mkdtemp(join(tmpdir(), 'mediahooks-bench-'));
  const probed = join(dir, 'late.jsonl');
  await writeFile(probed, '');
  const service = await ServiceUnderLoad.start(
    Array.from({ length: WEBHOOKS }, () => [nginx.url]),
    {
      BENCH_LOOP_PROBE: probed,
      NODE_OPTIONS: `--import ${PROBE}`,
    },
  );
  try {
    await measure(service, probed, LOADS.batches, WARM_UP_SECONDS);
    const fast = await measure(service, probed, LOADS.batches, SECONDS / 2);
    await service.untilDelivered();
    const slow = await slowFsyncs(service.process.pid, FSYNC_MS);
    const batches = await measure(service, probed, LOADS.batches, SECONDS);
    const single = await measure(service, probed, LOADS.single, SECONDS);
    const endedAt = performance.now();
    await service.untilDelivered();
    const drainedAt = performance.now();
    await slow.stop();
    assertDeliveredOnce(service);
    const longest = Math.max(batches.blockedMs, single.blockedMs);
    const pendingSeconds = Math.max(batches.pendingSeconds, single.pendingSeconds);
    const isSlow = Math.min(batches.commitMs, single.commitMs) >= FSYNC_MS;
    return {
      value: rounded(longest),
      holds: isSlow && longest <= GOAL_MS && pendingSeconds <= GOAL_PENDING_SECONDS,
      from: {
        'load average of the machine before': rounded(busy),
        'blocked with a fast disk, ms': rounded(fast.blockedMs),
        'delay with a fast disk, ms': rounded(fast.delayMs),
        ...told('100 a request', batches),
        ...told('one a request', single),
        'seconds to deliver the rest': rounded((drainedAt - endedAt) / 1000),
      },
    };
  } finally {
    await service.remove();
    await nginx.stop();
    await rm(dir, { recursive: true });
  }
}

interface Measured {
  /** Longest delay of the event loop for any reason, from the service's own metric. */
  readonly delayMs: number;
  /** Longest delay of the event loop, minus the time in which its thread waited for a processor. */
  readonly blockedMs: number;
  /** Mean duration of a commit of events, in milliseconds. */
  readonly commitMs: number;
  readonly accepted: number;
  readonly refused: number;
  readonly pending: number;
  readonly pendingSeconds: number;
}

function told(load: string, { blockedMs, delayMs, commitMs, accepted, refused, pending }: Measured) {
  return {
    [`blocked, ${load}, ms`]: rounded(blockedMs),
    [`delay, ${load}, ms`]: rounded(delayMs),
    [`mean commit, ${load}, ms`]: rounded(commitMs),
    [`events accepted, ${load}`]: accepted,
    [`requests answered 503, ${load}`]: refused,
    [`most pending, ${load}`]: pending,
  };
}

async function measure(
  service: ServiceUnderLoad,
  probed: string,
  load: (typeof LOADS)[keyof typeof LOADS],
  seconds: number,
): Promise<Measured> {
  const before = await scrape(service.process.url);
  const from = Date.now();
  const over = new AbortController();
  const watching = watch(service, over.signal);
  const { accepted, refused, seconds: took } = await service.publish({ ...load, seconds });
  over.abort();
  const { delayMs, pending } = await watching;
  const after = await scrape(service.process.url);
  const commitMs = ((sum(after) - sum(before)) / (count(after) - count(before))) * 1000;
  const blockedMs = await longestBlock(probed, from);
  return {
    delayMs,
    blockedMs,
    commitMs,
    accepted,
    refused,
    pending,
    pendingSeconds: pending / (accepted / took),
  };
}

async function longestBlock(probed: string, from: number): Promise<number> {
  const lines = (await readFile(probed, 'utf8')).split('\n').filter((line) => line !== '');
  const late = lines.map((line): Lateness => JSON.parse(line)).filter(({ at }) => at >= from);
  return Math.max(0, ...late.map(({ lateMs, waitedMs }) => lateMs - waitedMs));
}

/**
 * Scrapes the metrics until the abort. Each scrape contains the longest delay since the scrape before.
 * Returns the longest of all delays, and the highest number of pending deliveries.
 */
async function watch(service: ServiceUnderLoad, signal: AbortSignal) {
  let [delayMs, pending] = [0, 0];
  while (!signal.aborted) {
    await delay(LOOK_EVERY_MS);
    const samples = await scrape(service.process.url);
    delayMs = Math.max(
      delayMs,
      (samples.get('mediahooks_event_loop_delay_seconds{quantile="1"}') ?? 0) * 1000,
    );
    pending = Math.max(pending, service.count(`deliveries where state = 'pending'`));
  }
  return { delayMs, pending };
}

const sum = (samples: Samples) => publishing(samples, 'sum');
const count = (samples: Samples) => publishing(samples, 'count');

function publishing(samples: Samples, what: 'sum' | 'count'): number {
  return samples.get(`mediahooks_commit_duration_seconds_${what}{operation="publish"}`) ?? 0;
}

function assertDeliveredOnce(service: ServiceUnderLoad): void {
  const events = service.count('events');
  const delivered = service.count(`deliveries where state = 'succeeded' and attempts = 1`);
  if (delivered !== events) throw new Error(`${events} events, but ${delivered} were delivered at once`);
}
