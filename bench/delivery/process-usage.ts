import { readdirSync, readFileSync } from 'node:fs';

/**
 * Number of clock ticks in a second. Linux counts CPU time in clock ticks: 100 on every platform that Node
 * runs on.
 */
const TICKS = 100;

/** Returns the CPU seconds, user and system, that all threads of a process have used. */
export function cpuSeconds(pid: number): number {
  return secondsOf(readFileSync(`/proc/${pid}/stat`, 'utf8'));
}

function secondsOf(stat: string): number {
  // The fields are read after the last bracket, because the second field is the program's name in brackets,
  // and the name can contain spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

/** Returns the CPU seconds of all threads of a process. The times of threads with the same name are added. */
export function threadCpuSeconds(pid: number): Map<string, number> {
  const byName = new Map<string, number>();
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8');
    const name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
    byName.set(name, (byName.get(name) ?? 0) + secondsOf(stat));
  }
  return byName;
}

/** Returns the number of bytes that a process has had written to disks. */
export function bytesWritten(pid: number): number {
  return Number(/^write_bytes: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8'))?.[1]);
}
