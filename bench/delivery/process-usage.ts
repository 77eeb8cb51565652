import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks in a second. Linux counts CPU time in them: 100 on every platform that Node runs on. */
const TICKS = 100;

/** Returns the CPU seconds, user and system, that all threads of a process have used. */
export function cpuSeconds(pid: number): number {
  return secondsOf(readFileSync(`/proc/${pid}/stat`, 'utf8'));
}

function secondsOf(stat: string): number {
  // The second field is the program's name in brackets, which may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

/** Returns the CPU seconds of a process's threads, added up by the names of the threads. */
export function threadCpuSeconds(pid: number): Map<string, number> {
  const byName = new Map<string, number>();
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8');
    const name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
    byName.set(name, (byName.get(name) ?? 0) + secondsOf(stat));
  }
  return byName;
}
