import { writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Wall clock of service processes, which the test sets while they run and while they do not. */
export class SettableClock {
  readonly #file: string;

  /** @param file path of a file that holds the milliseconds by which the clock is ahead */
  constructor(file: string) {
    this.#file = file;
    this.set({ aheadMs: 0 });
  }

  /** Settings of a process that has this clock. */
  get settings(): Record<string, string> {
    return {
      NODE_OPTIONS: `--import=${import.meta.resolve('./read-settable-clock.ts')}`,
      TEST_CLOCK: this.#file,
    };
  }

  /** Removes the folder of the file. */
  async remove(): Promise<void> {
    await rm(dirname(this.#file), { recursive: true });
  }

  /** Sets the clock of all processes that have it. A running process notices this within some milliseconds. */
  set({ aheadMs }: { readonly aheadMs: number }): void {
    writeFileSync(this.#file, String(Math.round(aheadMs)));
  }
}
