import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MIB = 1024 * 1024;
/** Number of bytes of a page, the smallest size of a file on this disk. */
const PAGE = 4096;

/** Mounted disks. They are unmounted when the test process ends early. */
const mounted = new Set<SmallDisk>();
process.on('exit', () => {
  for (const disk of mounted) disk.unmount();
});

/** File system in memory that can be filled. */
export class SmallDisk {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /**
   * Mounts a file system in memory. Returns the disk; if it can't be mounted on this machine, returns the
   * reason as text.
   */
  static mount(sizeMib: number): SmallDisk | string {
    const path = mkdtempSync(join(tmpdir(), 'mediahooks-disk-'));
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${sizeMib}m`, 'tmpfs', path], { stdio: 'pipe' });
    } catch (error) {
      rmdirSync(path);
      return `a tmpfs cannot be mounted here: ${(error as Error).message}`;
    }
    const disk = new SmallDisk(path);
    mounted.add(disk);
    return disk;
  }

  /** Fills all free space with one file. */
  async fill(): Promise<void> {
    const filler = await open(this.#filler, 'a');
    try {
      for (const size of [MIB, PAGE]) {
        const bytes = Buffer.alloc(size);
        while (await takes(() => filler.write(bytes)));
      }
    } finally {
      await filler.close();
    }
  }

  /** Removes the file that `fill` wrote. */
  async free(): Promise<void> {
    await rm(this.#filler, { force: true });
  }

  unmount(): void {
    if (!mounted.delete(this)) return;
    // The file system is unmounted lazily, so that a process that still has a file open there does not block
    // the next test.
    execFileSync('umount', ['--lazy', this.path]);
    rmdirSync(this.path);
  }

  get #filler(): string {
    return join(this.path, 'filler');
  }
}

async function takes(write: () => Promise<unknown>): Promise<boolean> {
  try {
    await write();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return false;
    throw error;
  }
}
