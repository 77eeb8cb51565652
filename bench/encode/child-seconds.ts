import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

const TICKS_PER_SECOND = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/**
 * Returns the CPU time in seconds of all children, and of their children that have ended (proc(5)). The launcher, which
 * starts ffmpeg, is a child that has not ended.
 */
export function childSeconds(): number {
  const live = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && fieldsOf(name)[1] === process.pid);
  const ticks = [...fieldsOf('self').slice(13, 15), ...live.flatMap((pid) => fieldsOf(pid).slice(11, 15))];
  return ticks.reduce((sum, one) => sum + one, 0) / TICKS_PER_SECOND;
}

/** Returns the numbers in a process' `stat` from field 3 on. Fields that are no numbers are `NaN`. */
function fieldsOf(pid: string): number[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name of the program, which may hold spaces, is in parentheses before field 3.
    return stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
  } catch {
    // The process has ended.
    return [];
  }
}
