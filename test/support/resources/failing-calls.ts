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
export function failCalls(
  pid: number,
  { calls, error, files = [] }: FailingCalls,
): Promise<() => Promise<void>> {
  return inject(pid, { calls, fault: `error=${error}`, files });
}

export interface DeadlyCall {
  readonly call: string;
  readonly file: string;
  /** Number of the call that is not made any more: 1 is the first. */
  readonly nth: number;
}

/**
 * Kills a process at the moment at which it makes a certain system call. Only where `cannotTrace` returns false.
 * @returns a function that ends this, and must be called even if the process was killed
 */
export function killAtCall(pid: number, { call, file, nth }: DeadlyCall): Promise<() => Promise<void>> {
  return inject(pid, { calls: call, fault: `signal=SIGKILL:when=${nth}`, files: [file] });
}

async function inject(
  pid: number,
  {
    calls,
    fault,
    files,
  }: { readonly calls: string; readonly fault: string; readonly files: readonly string[] },
): Promise<() => Promise<void>> {
  const only = files.flatMap((file) => ['-P', file]);
  const faults = ['-e', `trace=${calls}`, '-e', `inject=${calls}:${fault}`];
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
