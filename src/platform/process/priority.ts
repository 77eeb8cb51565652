import { readdirSync, readlinkSync } from 'node:fs';
import { setPriority } from 'node:os';
import { basename } from 'node:path';

/**
 * Lowers the priority of the calling thread. On Linux, each thread has a niceness of its own. Elsewhere nothing is
 * done, because the whole process would become nice.
 */
export function lowerThreadPriority(niceness: number): void {
  if (process.platform !== 'linux') return;
  unlessRefused(() => setPriority(Number(basename(readlinkSync('/proc/thread-self'))), niceness));
}

/**
 * Lowers the priority of this process: of all threads that it has, and so of those that these start later. On Linux,
 * `setPriority` alone changes only the main thread.
 */
export function lowerProcessPriority(niceness: number): void {
  unlessRefused(() => setPriority(niceness));
  if (process.platform !== 'linux') return;
  unlessRefused(() => {
    for (const thread of readdirSync('/proc/self/task')) {
      unlessRefused(() => setPriority(Number(thread), niceness));
    }
  });
}

/** Ignores an error: a thread has ended, or there is no `/proc`. The work is then done at normal priority. */
function unlessRefused(change: () => void): void {
  try {
    change();
  } catch {}
}
