import assert from 'node:assert/strict';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { withholdDescriptors } from '../resources/descriptors.ts';
import { type FailingCalls, failCalls } from '../resources/failing-calls.ts';
import { scrape } from '../service/metrics.ts';
import type { ServiceProcess } from '../service/service-process.ts';
import { cannotTrace } from '../service/system-calls.ts';
import { lockDatabase } from '../storage/database-lock.ts';

/** A shortage or a failure of the machine, which the service outlives. */
interface Trouble {
  readonly name: string;
  /** Milliseconds for which it lasts. */
  readonly lastsMs: number;
  /** Causes it. Returns a function that ends it. */
  readonly begin: (service: ServiceProcess) => Promise<() => Promise<void>> | (() => void);
  /** Beginning of the counters of which at least one grows by it. */
  readonly counter: string;
}

const NOT_SENT = 'mediahooks_attempts_total{outcome="not_sent"}';
const FAILED_COMMITS = 'mediahooks_commits_failed_total';
/** Longer than some tries of everything that is tried again each second. */
const SHORT_MS = 2_500;
/** Longer than the database waits for a lock, which is five seconds. */
const LONG_MS = 6_500;
const MAX_TIMES = 5;

const failing = (name: string, fault: FailingCalls, counter: string): Trouble => ({
  name,
  lastsMs: SHORT_MS,
  begin: ({ pid }) => failCalls(pid, fault),
  counter,
});

const inDatabase = (error: string, calls: string, endings: readonly string[]): Trouble => ({
  name: `${error} of ${calls} in the database's files (${endings.join(', ')})`,
  lastsMs: SHORT_MS,
  begin: ({ pid, dataDir }) => {
    const files = endings.map((ending) => join(dataDir, `mediahooks.sqlite${ending}`));
    return failCalls(pid, { calls, error, files });
  },
  counter: FAILED_COMMITS,
});

const ALWAYS: readonly Trouble[] = [
  {
    name: 'no file descriptor',
    lastsMs: SHORT_MS,
    begin: ({ pid }) => withholdDescriptors(pid),
    counter: NOT_SENT,
  },
  {
    name: 'a lock on the database',
    lastsMs: LONG_MS,
    begin: ({ dataDir }) => lockDatabase(join(dataDir, 'mediahooks.sqlite')),
    counter: FAILED_COMMITS,
  },
];

const WHERE_CALLS_CAN_FAIL: readonly Trouble[] = [
  failing('ENOBUFS of connect', { calls: 'connect', error: 'ENOBUFS' }, NOT_SENT),
  failing('ENOMEM of socket', { calls: 'socket', error: 'ENOMEM' }, NOT_SENT),
  inDatabase('EIO', 'pwrite64,write', ['-wal']),
  inDatabase('EIO', 'fdatasync,fsync', ['-wal', '.journal']),
];

/** Returns the troubles that can be caused on this machine. */
export function troubles(): readonly Trouble[] {
  return cannotTrace() === false ? [...ALWAYS, ...WHERE_CALLS_CAN_FAIL] : ALWAYS;
}

/**
 * Lets a running service meet a trouble, and asserts that the service has met it. On a slow machine a service can
 * miss one that lasts for seconds: it connects to no receiver meanwhile. Therefore the trouble comes back some times.
 */
export async function meet(
  { name, lastsMs, begin, counter }: Trouble,
  service: ServiceProcess,
): Promise<void> {
  const count = async () =>
    [...(await scrape(service.url))]
      .filter(([sample]) => sample.startsWith(counter))
      .reduce((sum, [, value]) => sum + value, 0);
  const before = await count();
  for (let times = 0; times < MAX_TIMES; times += 1) {
    const end = await begin(service);
    await delay(lastsMs);
    await end();
    if ((await count()) > before) return;
  }
  assert.fail(`the service has not met it ${MAX_TIMES} times: ${name}`);
}
