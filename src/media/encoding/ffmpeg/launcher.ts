import type { ChildEnd, ChildOptions } from './child-process.ts';
import { runChild } from './child-process.ts';
import { LauncherChannel } from './launcher-channel.ts';

/** Milliseconds without a program after which the launcher ends, because it takes 40 MiB. */
const END_AFTER_MS = 60_000;

/**
 * Starts programs from a small process of its own, the launcher. To start a program, Node forks, and the kernel then
 * copies the page tables of the whole process: 2 to 7 ms for the memory of a busy service, in which no request is
 * answered. Node also waits until the fork has executed the program, which takes tens of milliseconds on a busy
 * machine.
 *
 * The launcher starts with the first program, and ends when none has run for a minute. If it cannot be started, the
 * service itself starts the program.
 */
export class Launcher {
  readonly #endAfterMs: number;
  #channel: LauncherChannel | null = null;
  /** Number of callers whose program has not ended. */
  #callers = 0;
  #idle: NodeJS.Timeout | undefined;

  constructor(endAfterMs = END_AFTER_MS) {
    this.#endAfterMs = endAfterMs;
  }

  /** Runs a program as `runChild` does. */
  async run(command: string, args: readonly string[], options: ChildOptions): Promise<ChildEnd> {
    clearTimeout(this.#idle);
    this.#callers += 1;
    try {
      const channel = this.#open();
      if (!(await channel.isReady) || options.signal.aborted) return await runChild(command, args, options);
      return await channel.run(command, args, options);
    } finally {
      this.#callers -= 1;
      if (this.#callers === 0) this.#rest();
    }
  }

  /** Ends the launcher, unless it runs a program for somebody else. */
  async end(): Promise<void> {
    if (this.#callers > 0) return;
    clearTimeout(this.#idle);
    const channel = this.#channel;
    this.#channel = null;
    await channel?.close();
  }

  #open(): LauncherChannel {
    if (this.#channel?.isOpen) {
      this.#channel.ref();
      return this.#channel;
    }
    this.#channel = new LauncherChannel();
    return this.#channel;
  }

  #rest(): void {
    this.#channel?.unref();
    this.#idle = setTimeout(() => void this.end(), this.#endAfterMs).unref();
  }
}

/** Launcher of this process. A process needs only one, whatever its parts start. */
export const launcher = new Launcher();
