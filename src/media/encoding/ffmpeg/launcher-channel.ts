import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type ChildEnd, type ChildOptions, childEnvironment, wrapperArgs } from './child-process.ts';
import type { LaunchReport, LaunchRequest } from './launcher-messages.ts';

const PROGRAM = fileURLToPath(new URL('./launcher-process.ts', import.meta.url));
/** Arguments that keep the launcher small. It holds no more than the last messages of some programs. */
const NODE_ARGS = ['--max-old-space-size=64', '--max-semi-space-size=1', '--v8-pool-size=1'];

/** A program that the launcher runs for a caller. */
interface Run {
  readonly options: ChildOptions;
  resolve(end: ChildEnd): void;
  reject(error: Error): void;
}

/** A launcher process, and the programs that it runs for this process. */
export class LauncherChannel {
  /** Fulfils when the launcher has started; `false`: it cannot be started. */
  readonly isReady: Promise<boolean>;
  readonly #process: ChildProcess;
  readonly #runs = new Map<number, Run>();
  #lastId = 0;
  #isLost = false;

  constructor() {
    this.#process = startLauncher();
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.isReady = promise;
    const lost = () => {
      // The channel can still seem to be connected after the end of the process.
      this.#isLost = true;
      resolve(false);
      this.#endRuns();
    };
    this.#process.once('error', lost).once('exit', lost);
    this.#process.on('message', (report: LaunchReport) => {
      if (report === 'ready') resolve(true);
      else this.#receive(report);
    });
  }

  get isOpen(): boolean {
    return this.#process.connected && !this.#isLost;
  }

  /** Keeps this process alive while the launcher runs. */
  ref(): void {
    this.#process.ref();
    this.#process.channel?.ref();
  }

  unref(): void {
    this.#process.unref();
    this.#process.channel?.unref();
  }

  /** Runs a program as `runChild` does. */
  async run(command: string, args: readonly string[], options: ChildOptions): Promise<ChildEnd> {
    const { signal, cwd, bounds, onLine } = options;
    const { promise, resolve, reject } = Promise.withResolvers<ChildEnd>();
    this.#lastId += 1;
    const id = this.#lastId;
    this.#runs.set(id, { options, resolve, reject });
    const kill = () => this.#send({ id, task: null });
    signal.addEventListener('abort', kill, { once: true });
    this.#send({ id, task: { command, args, cwd, bounds, wantsLines: onLine !== undefined } });
    try {
      return await promise;
    } finally {
      signal.removeEventListener('abort', kill);
      this.#runs.delete(id);
    }
  }

  /** Ends the launcher. Fulfils when its process has ended. */
  async close(): Promise<void> {
    if (!this.isOpen) return;
    this.ref();
    const ended = once(this.#process, 'exit');
    this.#process.disconnect();
    await ended;
  }

  #send(request: LaunchRequest): void {
    // An error means that the launcher has gone, and then `#endRuns` follows.
    this.#process.send(request, () => undefined);
  }

  #receive(report: Exclude<LaunchReport, 'ready'>): void {
    const run = this.#runs.get(report.id);
    if (!run) return;
    if ('lines' in report) for (const line of report.lines) run.options.onLine?.(line);
    else if ('end' in report) run.resolve(report.end);
    else run.reject(Object.assign(new Error(report.error.message), { code: report.error.code }));
  }

  /** Ends all runs after the launcher has been killed. The kernel has killed their programs with it. */
  #endRuns(): void {
    const killed = {
      exitCode: null,
      endSignal: 'SIGKILL',
      timedOut: false,
      memoryBounded: false,
      stderr: '',
    } as const;
    for (const { options, resolve } of this.#runs.values())
      resolve({ ...killed, aborted: options.signal.aborted });
  }
}

function startLauncher(): ChildProcess {
  const [program = '', ...args] = [...wrapperArgs(undefined), process.execPath, ...NODE_ARGS, PROGRAM];
  const { NODE_COMPILE_CACHE: cache } = process.env;
  return spawn(program, args, {
    env: { ...childEnvironment(), ...(cache !== undefined && { NODE_COMPILE_CACHE: cache }) },
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    serialization: 'advanced',
    // In a session of its own, the launcher gets no signals from the terminal of the service.
    detached: true,
  });
}
