import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';

/**
 * Takes all free file descriptors away from a running process: its limit becomes the lowest number that is free.
 * @returns a function that restores the limit
 */
export function withholdDescriptors(pid: number): () => void {
  const open = new Set(readdirSync(`/proc/${pid}/fd`).map(Number));
  let free = 0;
  while (open.has(free)) free += 1;
  const before = limitOf(pid);
  setLimit(pid, String(free));
  return () => setLimit(pid, before);
}

function limitOf(pid: number): string {
  const args = ['--pid', String(pid), '--nofile', '--output=SOFT', '--noheadings', '--raw'];
  return execFileSync('prlimit', args, { encoding: 'utf8' }).trim();
}

/** Sets the soft limit, so that the old one can be restored without privileges. */
function setLimit(pid: number, soft: string): void {
  execFileSync('prlimit', ['--pid', String(pid), `--nofile=${soft}:`]);
}
