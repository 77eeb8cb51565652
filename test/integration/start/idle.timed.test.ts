import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { ServiceProcess } from '../../support/service/service-process.ts';

const isLinux = process.platform === 'linux';
const skip = isLinux ? false : 'only Linux counts how often a thread waits';

/** Seconds of one measurement. */
const MEASURED_S = 3;
/** Maximum number of measurements. The first ones still see how the garbage of the start is collected. */
const MEASUREMENTS = 12;
/** Maximum times that all threads together wake in a second. Measured: 2. A timer of 20 ms would add 50. */
const MOST_WAKES = 8;

/** Returns how often the threads of a process have waited so far, by thread. */
function waits(pid: number): Map<string, number> {
  const count = (thread: string) =>
    Number(
      /voluntary_ctxt_switches:\s+(\d+)/.exec(
        readFileSync(`/proc/${pid}/task/${thread}/status`, 'utf8'),
      )?.[1],
    );
  return new Map(readdirSync(`/proc/${pid}/task`).map((thread) => [thread, count(thread)]));
}

async function wakesPerSecond(pid: number): Promise<number> {
  const before = waits(pid);
  await delay(MEASURED_S * 1_000);
  const wakes = [...waits(pid)].map(([thread, count]) => count - (before.get(thread) ?? 0));
  return wakes.reduce((sum, count) => sum + count, 0) / MEASURED_S;
}

test('a service that has nothing to do hardly wakes', { skip }, async (t) => {
  const service = await ServiceProcess.create();
  t.after(() => service.remove());
  await service.start();
  const measured: number[] = [];
  while ((measured.at(-1) ?? Number.POSITIVE_INFINITY) > MOST_WAKES) {
    assert.ok(measured.length < MEASUREMENTS, `${measured.join(', ')} wakes a second`);
    measured.push(await wakesPerSecond(service.pid));
  }
});
