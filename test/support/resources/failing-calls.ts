import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface FailingCalls {
  /** Names of the system calls, separated by commas. */
  readonly calls: string;
  /** Name of the error with which they fail, such as `EIO`. */
  readonly error: string;
  /** Paths of the only files whose calls fail. Left out: all calls fail. */
  readonly files?: readonly string[];
}

/**
 * Makes system calls of a running process fail. Only where `cannotTrace` returns false.
 * @returns a function that ends this
 */
export async function failCalls(
  pid: number,
  { calls, error, files = [] }: FailingCalls,
): Promise<() => Promise<void>> {
  const only = files.flatMap((file) => ['-P', file]);
  const faults = ['-e', `trace=${calls}`, '-e', `inject=${calls}:error=${error}`];
  const strace = spawn('strace', ['-f', ...only, ...faults, '-p', String(pid)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(strace, 'close');
  const attached = Promise.withResolvers<void>();
  let text = '';
  strace.stderr.on('data', (chunk: Buffer) => {
    if (text.includes(' attached')) return;
    text += chunk;
    if (text.includes(' attached')) attached.resolve();
  });
  const notAttached = ended.then(() => Promise.reject(new Error(`strace has ended: ${text}`)));
  notAttached.catch(() => undefined);
  await Promise.race([attached.promise, notAttached]);
  return async () => {
    strace.kill('SIGINT');
    await ended;
  };
}
