import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';

const STRACE = 'strace';

/** A system call that makes a file durable, or renames it. */
export interface SystemCall {
  readonly call: 'sync' | 'rename';
  /** Path of the synced file, or the new path of the renamed file. */
  readonly path: string;
}

/**
 * Returns the reason why system calls can't be traced on this machine, as text. `false`: they can be traced.
 */
export function cannotTrace(): string | false {
  const { status, error } = spawnSync(STRACE, ['-e', 'trace=none', 'true'], { stdio: 'ignore' });
  if (error) return `strace can't be run here: ${error.message}`;
  return status === 0 ? false : 'processes may not be traced here';
}

/**
 * Returns the system calls by which a process and its children sync and rename files while `work` runs, in
 * order.
 */
export async function systemCallsDuring(pid: number, work: () => Promise<unknown>): Promise<SystemCall[]> {
  const calls = 'trace=fsync,fdatasync,rename,renameat,renameat2';
  const strace = spawn(STRACE, ['-f', '-y', '-s', '1024', '-e', calls, '-p', String(pid)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(strace, 'close');
  const attached = Promise.withResolvers<void>();
  let text = '';
  strace.stderr.on('data', (chunk: Buffer) => {
    text += chunk.toString();
    if (text.includes(' attached')) attached.resolve();
  });
  await Promise.race([attached.promise, ended]);
  try {
    await work();
  } finally {
    strace.kill('SIGINT');
    await ended;
  }
  return text.split('\n').flatMap(systemCallIn);
}

function systemCallIn(line: string): SystemCall[] {
  const synced = /\bf(?:data)?sync\(\d+<([^>]*)>/.exec(line);
  if (synced) return [{ call: 'sync', path: synced[1] ?? '' }];
  const renamed = /\brename(?:at2?)?\(.*"([^"]*)"/.exec(line);
  return renamed ? [{ call: 'rename', path: renamed[1] ?? '' }] : [];
}
