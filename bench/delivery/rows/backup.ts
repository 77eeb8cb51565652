import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../../test/support/service/service-process.ts';
import { type Row, type RowResult, rounded } from '../row.ts';
import { createHistory } from '../seed.ts';
import { ServiceUnderLoad } from '../service-under-load.ts';

const GOAL_S = 30;
/** Deliveries that make a database of some 350 MiB. Retention removes none of them. */
const HISTORY = { count: 560_000, days: 1 };
const PACE = { perSecond: 20, warmUpSeconds: 2, seconds: 10 };
const MIB = 1024 * 1024;

export const backup: Row = {
  name: 'backup',
  measures: 'seconds that a backup of 350 MiB takes while 20 events/s are published',
  goal: `≤ ${GOAL_S}`,
  run,
};

async function run(): Promise<RowResult> {
  const port = await freePort();
  const service = await ServiceUnderLoad.create([[`http://127.0.0.1:${port}/`]]);
  const folder = await mkdtemp(join(tmpdir(), 'mediahooks-bench-'));
  try {
    await createHistory(service.process.dataDir, service.userIds, HISTORY);
    await service.process.start();
    const probe = () => service.probe({ ...PACE, hosts: ['127.0.0.1'], port, hanging: [] });
    const alone = await probe();
    let isOver = false;
    const probing = probe().finally(() => {
      isOver = true;
    });
    const seconds: number[] = [];
    for (let count = 0; !isOver; count += 1) seconds.push(await backUp(service, join(folder, String(count))));
    const beside = await probing;
    const longest = Math.max(...seconds);
    const lost = alone.missing + alone.errors + beside.missing + beside.errors;
    return {
      value: rounded(longest),
      holds: longest <= GOAL_S && lost === 0,
      from: {
        'database, MiB': rounded((await stat(join(folder, '0', 'mediahooks.sqlite'))).size / MIB),
        'backups, one after the other': seconds.length,
        'shortest, s': rounded(Math.min(...seconds)),
        'p99 alone, ms': rounded(alone.p99),
        'p99 beside a backup, ms': rounded(beside.p99),
        'events that never came, requests refused': lost,
      },
    };
  } finally {
    await service.remove();
    await rm(folder, { recursive: true });
  }
}

async function backUp(service: ServiceUnderLoad, dir: string): Promise<number> {
  const began = performance.now();
  const { exitCode, stderr } = await service.process.run(['backup', dir]);
  if (exitCode !== 0) throw new Error(stderr);
  return (performance.now() - began) / 1000;
}
