import type { ChildProcess } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { setPriority } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * Niceness of child processes; 19 is the lowest priority. The service and its database get CPU time before
 * the children, and the children before idle jobs of the operator.
 */
const NICENESS = 10;
/** Milliseconds to wait when the kernel refuses a change. It makes one in 100 ms for a process without privileges. */
const RETRY_MS = 110;
/** Maximum number of tries. Many children that start together take turns. */
const MAX_TRIES = 20;

/**
 * Lowers the priority of a child, so that deliveries get CPU time before encodes. Must be called right after
 * the child was started, when it has only one thread, because only later threads inherit the niceness. The child
 * must have a session of its own (`detached`).
 */
export function lowerPriority(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    setPriority(child.pid, NICENESS);
  } catch {
    // A failure to change the priority is ignored: either the process has already ended, or the platform forbids
    // the change, and the child runs at normal priority.
  }
  void lowerGroup(child);
}

/**
 * Lowers the priority of the child's group. By default, Linux shares the processors among sessions first (autogroups,
 * sched(7)), and the niceness of a process counts only within its session. So the child would get as much time as
 * the whole service.
 */
async function lowerGroup(child: ChildProcess): Promise<void> {
  for (let tries = 0; tries < MAX_TRIES && isRunning(child); tries += 1) {
    try {
      return await writeFile(`/proc/${child.pid}/autogroup`, String(NICENESS));
    } catch (error) {
      // Any other error means that the system has no such groups.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return;
    }
    await delay(RETRY_MS, undefined, { ref: false });
  }
}

function isRunning({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode === null && signalCode === null;
}
