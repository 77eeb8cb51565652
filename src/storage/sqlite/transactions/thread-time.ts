/**
 * Maximum milliseconds of processor time that the thread works before its event loop makes another turn, if the work can be
 * divided.
 */
export const TURN_MS = 15;

/** Returns the milliseconds of processor time that this thread has used since then. */
export function cpuMsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1_000;
}

/** Calls functions one after another, over as many turns of the event loop as are necessary to keep each short. */
export async function callInTurns(functions: Iterable<() => unknown>): Promise<void> {
  let before = process.threadCpuUsage();
  for (const call of functions) {
    call();
    if (cpuMsSince(before) <= TURN_MS) continue;
    await nextTurn();
    before = process.threadCpuUsage();
  }
}

export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
