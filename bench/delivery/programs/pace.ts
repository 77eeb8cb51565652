import { setTimeout as delay } from 'node:timers/promises';

/**
 * Calls `act` `perSecond` times a second, at even intervals, for `seconds`. If the process was delayed, the
 * overdue calls are all made at once.
 */
export async function pace(perSecond: number, seconds: number, act: (index: number) => void): Promise<void> {
  const startedAt = performance.now();
  const total = Math.round(perSecond * seconds);
  for (let done = 0; done < total; ) {
    const due = Math.min(total, Math.floor(((performance.now() - startedAt) / 1000) * perSecond) + 1);
    for (; done < due; done += 1) act(done);
    await delay(1);
  }
}

export interface Percentiles {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

export function percentiles(values: readonly number[]): Percentiles {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (part: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
  return { count: sorted.length, p50: at(0.5), p99: at(0.99), max: at(1) };
}

/** Returns milliseconds of a monotonic clock that all processes and threads of a machine share. */
export function sharedClock(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
