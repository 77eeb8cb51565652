import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const TICKS_PER_SECOND = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/** Returns the CPU time in seconds of all children that have ended (`cutime` and `cstime`, proc(5)). */
export function childSeconds(): number {
  const stat = readFileSync('/proc/self/stat', 'utf8');
  // The name of the program, which may hold spaces, is in parentheses before field 3.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[13]) + Number(fields[14])) / TICKS_PER_SECOND;
}
