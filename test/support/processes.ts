import { readdir, readFile, readlink } from 'node:fs/promises';

/** The ids of the processes whose arguments or working directory lie below `directory`, as the kernel tells. */
export async function processesBelow(directory: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const below = await Promise.all(pids.map((pid) => isBelow(pid, directory)));
  return pids.filter((pid, index) => pid !== process.pid && below[index]);
}

async function isBelow(pid: number, directory: string): Promise<boolean> {
  // Both are empty once it has ended.
  const args = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => '');
  return args.includes(directory) || cwd.startsWith(directory);
}
