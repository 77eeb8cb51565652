import { setTimeout as delay } from 'node:timers/promises';
import { startNginx } from '../nginx.ts';
import { type Row, type RowResult, rounded } from '../row.ts';
import { createBacklog } from '../seed.ts';
import { ServiceUnderLoad } from '../service-under-load.ts';
import { BACKLOG } from './backlog.ts';

const GOAL_EMPTY_S = 1;
const GOAL_BACKLOG_S = 2;
const GOAL_IDLE_MIB = 120;
/** Number of starts of each kind. The result is the median of their durations. */
const STARTS = 5;
const IDLE_MS = 10_000;

export const start: Row = {
  name: 'start',
  measures: `seconds from exec to ready on an empty data folder; with ${BACKLOG} deliveries due`,
  goal: `≤ ${GOAL_EMPTY_S}; ≤ ${GOAL_BACKLOG_S}`,
  run: runStart,
};

export const idle: Row = {
  name: 'idle',
  measures: 'memory of the service doing nothing, MiB',
  goal: `≤ ${GOAL_IDLE_MIB}`,
  run: runIdle,
};

async function runStart(): Promise<RowResult> {
  const nginx = await startNginx();
  try {
    const empty = await medianStart([], 0);
    const backlog = await medianStart(
      Array.from({ length: 100 }, () => [nginx.url]),
      BACKLOG,
    );
    return {
      value: rounded(empty),
      holds: empty <= GOAL_EMPTY_S && backlog <= GOAL_BACKLOG_S,
      from: { starts: STARTS, 'empty, s': rounded(empty), [`${BACKLOG} due, s`]: rounded(backlog) },
    };
  } finally {
    await nginx.stop();
  }
}

async function medianStart(subscribers: readonly string[][], due: number): Promise<number> {
  const times: number[] = [];
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
      times.push((performance.now() - startedAt) / 1000);
      // The service is killed, because a clean stop would release its claims.
      await service.process.kill();
    }
  } finally {
    await service?.remove();
  }
  return times.toSorted((a, b) => a - b)[Math.floor(STARTS / 2)] as number;
}

async function runIdle(): Promise<RowResult> {
  const service = await ServiceUnderLoad.start([]);
  try {
    await delay(IDLE_MS);
    const { now, peak } = service.memory;
    return {
      value: rounded(now),
      holds: now <= GOAL_IDLE_MIB,
      from: { 'after, s': IDLE_MS / 1000, 'now, MiB': rounded(now), 'at its start, MiB': rounded(peak) },
    };
  } finally {
    await service.remove();
  }
}
