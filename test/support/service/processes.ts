import { readFileSync } from 'node:fs';
import { readdir, readFile, readlink } from 'node:fs/promises';

/**
 * Returns the ids of the processes that have a path below `directory` in their arguments or as their working
 * directory, from /proc.
 */
export async function processesBelow(directory: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const below = await Promise.all(pids.map((pid) => isBelow(pid, directory)));
  return pids.filter((pid, index) => pid !== process.pid && below[index]);
}

async function isBelow(pid: number, directory: string): Promise<boolean> {
  // Both texts are empty if the process has ended.
  const args = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => '');
  return args.includes(directory) || cwd.startsWith(directory);
}

/** Returns the resident memory of a process in MiB: the present value and the peak. */
export function memoryMiB(pid: number): { now: number; peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const field = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) / 1024;
  return { now: field('VmRSS'), peak: field('VmHWM') };
}
