import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

/**
 * Name that Node gives to the worker threads of a program. The service starts one worker thread, for the
 * database.
 */
const THREAD_NAME = 'WorkerThread';

export interface SlowFsyncs {
  stop(): Promise<void>;
}

/**
 * Makes each fsync of the service's database take `delayMs` longer, as on a slow disk, with strace's fault
 * injection. strace traces only the database's thread, so that it does not slow down the event loop.
 */
export async function slowFsyncs(pid: number, delayMs: number): Promise<SlowFsyncs> {
  const threads = databaseThreads(pid);
  const syncs = 'fsync,fdatasync';
  const strace = spawn(
    'strace',
    [
      `--trace=${syncs}`,
      `--inject=${syncs}:delay_enter=${delayMs * 1_000}`,
      '--output=/dev/null',
      ...threads.flatMap((id) => ['-p', id]),
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const kill = () => void strace.kill('SIGKILL');
  process.on('exit', kill);
  const end = once(strace, 'close');
  const said: string[] = [];
  const attached = new Promise<void>((fulfil) => {
    let left = threads.length;
    createInterface({ input: strace.stderr }).on('line', (line) => {
      said.push(line);
      if (line.endsWith('attached') && --left === 0) fulfil();
    });
  });
  const refused = end.then(() => {
    throw new Error(
      `strace could not slow down the database (it needs to trace processes): ${said.join('; ')}`,
    );
  });
  await Promise.race([attached, refused]);
  refused.catch(() => undefined);
  return {
    stop: async () => {
      strace.kill('SIGTERM');
      await end;
      process.off('exit', kill);
    },
  };
}

function databaseThreads(pid: number): string[] {
  const tasks = `/proc/${pid}/task`;
  const threads = readdirSync(tasks).filter(
    (id) => readFileSync(`${tasks}/${id}/comm`, 'utf8').trim() === THREAD_NAME,
  );
  if (threads.length === 0) throw new Error(`process ${pid} has no thread named ${THREAD_NAME}`);
  return threads;
}
