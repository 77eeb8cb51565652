import { readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BundleSources } from './bundle-sources.ts';
import { startNginx } from './nginx.ts';
import { threadCpuSeconds } from './process-usage.ts';
import { ServiceUnderLoad } from './service-under-load.ts';

/**
 * Prints how the CPU time of one delivery is divided, in microseconds: `node bench/delivery/where-cpu-goes.ts
 * [batch]`. The times of the threads are from /proc. V8's sampling profiler divides the time of the main
 * thread into parts. The figures include the cost of the profiler itself, about a tenth. The time of the
 * database's thread is not divided, because the profiler counts a thread that waits for the disk as busy.
 */
const BATCH = Number(process.argv[2] ?? 100);
const EVENTS = 120_000;
const LOAD = { batch: BATCH, inFlight: BATCH === 1 ? 64 : 8 };

interface Frame {
  readonly functionName: string;
  readonly url: string;
  readonly lineNumber: number;
}

interface Profile {
  readonly nodes: readonly { id: number; callFrame: Frame; children?: readonly number[] }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/**
 * Names of the parts of the main thread's time, each with a test for stack frames. A sample belongs to the
 * part whose test matches first, searching the stack from the leaf to the root.
 */
const MAIN_PARTS: readonly [string, (frame: Frame) => boolean][] = [
  ['garbage collection', ({ functionName }) => functionName === '(garbage collector)'],
  ['signing', ({ url }) => url.includes('internal/crypto') || url.endsWith('attempt/signature.ts')],
  ['sending: our client, sockets', ({ url }) => url.includes('/src/delivery/client/') || url === 'node:net'],
  ['between threads', ({ url }) => url.endsWith('thread/client.ts') || url.includes('internal/worker')],
  ['dispatching: queues, verdicts, recording', ({ url }) => url.includes('/src/delivery/')],
  [
    'intake: HTTP, JSON, validation, events',
    ({ url }) => /fastify|_http_|\/src\/(http|events|accounts|domain)\//.test(url),
  ],
];

function shares(profile: Profile, parts: typeof MAIN_PARTS): Map<string, number> {
  const sources = new BundleSources();
  const nodes = new Map(
    profile.nodes.map(({ id, callFrame: frame }) => {
      const url = sources.of(frame.url, frame.lineNumber);
      return [id, { callFrame: { ...frame, url } }] as const;
    }),
  );
  const parents = new Map(
    profile.nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])),
  );
  const partOf = (leaf: number): string => {
    for (let id: number | undefined = leaf; id !== undefined; id = parents.get(id)) {
      const frame = nodes.get(id)?.callFrame;
      const part = frame && parts.find(([, holds]) => holds(frame));
      if (part) return part[0];
    }
    return 'rest';
  };
  const times = new Map<string, number>();
  let total = 0;
  for (const [index, id] of profile.samples.entries()) {
    if (nodes.get(id)?.callFrame.functionName === '(idle)') continue;
    const time = profile.timeDeltas[index] ?? 0;
    total += time;
    const part = partOf(id);
    times.set(part, (times.get(part) ?? 0) + time);
  }
  return new Map(times.entries().map(([part, time]) => [part, time / total]));
}

async function readProfiles(dir: string): Promise<Profile[]> {
  const files = (await readdir(dir)).toSorted();
  return Promise.all(files.map(async (file) => JSON.parse(await readFile(join(dir, file), 'utf8'))));
}

const dir = join(tmpdir(), `mediahooks-profiles-${process.pid}`);
const nginx = await startNginx();
const service = await ServiceUnderLoad.start(
  Array.from({ length: 16 }, () => [nginx.url]),
  { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${dir} --cpu-prof-interval=500` },
);
try {
  await service.publish({ total: EVENTS / 4, ...LOAD });
  await service.untilDelivered();
  const before = threadCpuSeconds(service.process.pid);
  await service.publish({ total: EVENTS, ...LOAD });
  await service.untilDelivered();
  const after = threadCpuSeconds(service.process.pid);
  const cpu = (thread: string) => (((after.get(thread) ?? 0) - (before.get(thread) ?? 0)) / EVENTS) * 1e6;
  await service.process.terminate();
  const [main] = await readProfiles(dir);
  if (!main) throw new Error('no profile was written');
  const print = (part: string, micros: number) =>
    process.stdout.write(`${micros.toFixed(1).padStart(6)} µs  ${part}\n`);
  const mainCpu = cpu('node-MainThread');
  for (const [part, share] of shares(main, MAIN_PARTS)) print(part, share * mainCpu);
  print('database thread: statements, commits, messages', cpu('WorkerThread'));
  print("V8's threads: garbage collection, compilation", cpu('node-V8Worker'));
} finally {
  await service.remove();
  await nginx.stop();
  await rm(dir, { recursive: true, force: true });
}
