import { setTimeout as delay } from 'node:timers/promises';
import { startNginx } from '../nginx.ts';
import { type Row, type RowResult, rounded } from '../row.ts';
import { createBacklog } from '../seed.ts';
import { ServiceUnderLoad } from '../service-under-load.ts';
import { BACKLOG } from './backlog.ts';

const GOAL_EMPTY_S = 0.3;
const GOAL_BACKLOG_S = 0.45;
const GOAL_IDLE_MIB = 90;
const GOAL_IDLE_CPU_PERCENT = 0.3;
/** Number of starts of each kind. The result is the median of their durations. */
const STARTS = 5;
const IDLE_MS = 20_000;
/** Milliseconds for which the CPU time of an idle service is measured. It is counted in hundredths of a second. */
const IDLE_CPU_MS = 30_000;
/** Milliseconds after which an idle service has stored its compiled code for the next start. */
const WARM_UP_MS = 4_000;

export const start: Row = {
  name: 'start',
  measures: `seconds from exec to ready on an empty data folder; with ${BACKLOG} deliveries due`,
  goal: `≤ ${GOAL_EMPTY_S}; ≤ ${GOAL_BACKLOG_S}`,
  run: runStart,
};

export const idle: Row = {
  name: 'idle',
  measures: 'memory of the service doing nothing, MiB; its CPU time, in percent of a core',
  goal: `≤ ${GOAL_IDLE_MIB}; ≤ ${GOAL_IDLE_CPU_PERCENT}`,
  run: runIdle,
};

async function runStart(): Promise<RowResult> {
  const nginx = await startNginx();
  try {
    await warmUp();
    const empty = await medianStart([], 0);
    const backlog = await medianStart(
      Array.from({ length: 100 }, () => [nginx.url]),
      BACKLOG,
    );
    return {
      value: rounded(empty.seconds),
      holds: empty.seconds <= GOAL_EMPTY_S && backlog.seconds <= GOAL_BACKLOG_S,
      from: {
        starts: STARTS,
        'empty, s': rounded(empty.seconds),
        'empty, CPU s': rounded(empty.cpuSeconds),
        [`${BACKLOG} due, s`]: rounded(backlog.seconds),
        [`${BACKLOG} due, CPU s`]: rounded(backlog.cpuSeconds),
      },
    };
  } finally {
    await nginx.stop();
  }
}

/** Starts the service once, because the first start of an installation compiles everything. */
async function warmUp(): Promise<void> {
  const service = await ServiceUnderLoad.start([]);
  await delay(WARM_UP_MS);
  await service.remove();
}

/** The time from exec to ready, and the CPU time of all threads until then. */
interface StartCost {
  readonly seconds: number;
  readonly cpuSeconds: number;
}

async function medianStart(subscribers: readonly string[][], due: number): Promise<StartCost> {
  const costs: StartCost[] = [];
  let service: ServiceUnderLoad | null = null;
  try {
    for (let n = 0; n < STARTS; n += 1) {
      // Each start on an empty folder needs a new folder. A backlog of a million deliveries is reused,
      // because the few seconds of sending after a start hardly reduce it.
      if (!service || due === 0) {
        await service?.remove();
        service = await ServiceUnderLoad.create(subscribers);
        if (due > 0) await createBacklog(service.process.dataDir, service.userIds, due);
      }
      const startedAt = performance.now();
      await service.process.start();
      costs.push({ seconds: (performance.now() - startedAt) / 1000, cpuSeconds: service.cpuSeconds });
      // The service is killed, because a clean stop would release its claims.
      await service.process.kill();
    }
  } finally {
    await service?.remove();
  }
  return { seconds: medianOf(costs, 'seconds'), cpuSeconds: medianOf(costs, 'cpuSeconds') };
}

function medianOf(costs: readonly StartCost[], name: keyof StartCost): number {
  const sorted = costs.map((cost) => cost[name]).toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] as number;
}

async function runIdle(): Promise<RowResult> {
  const service = await ServiceUnderLoad.start([]);
  try {
    await delay(IDLE_MS);
    const { now, peak } = service.memory;
    const usedBefore = service.cpuSeconds;
    await delay(IDLE_CPU_MS);
    const percent = ((service.cpuSeconds - usedBefore) / (IDLE_CPU_MS / 1000)) * 100;
    return {
      value: rounded(now),
      holds: now <= GOAL_IDLE_MIB && percent <= GOAL_IDLE_CPU_PERCENT,
      from: {
        'after, s': IDLE_MS / 1000,
        'now, MiB': rounded(now),
        'at its start, MiB': rounded(peak),
        'CPU, % of a core': rounded(percent),
      },
    };
  } finally {
    await service.remove();
  }
}
