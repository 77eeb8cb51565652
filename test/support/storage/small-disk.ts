import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MIB = 1024 * 1024;
/** Bytes of a page, the least that a file takes on this disk. */
const PAGE = 4096;

/** Mounted disks, so that a test process that ends early leaves none behind. */
const mounted = new Set<SmallDisk>();
process.on('exit', () => {
  for (const disk of mounted) disk.unmount();
});

/** A file system in memory, which can be made full. */
export class SmallDisk {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /** The reason why it can't be mounted here, as text; false: it can. */
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

  /** Fills all the room that is left. */
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

  /** Frees the room. */
  async free(): Promise<void> {
    await rm(this.#filler, { force: true });
  }

  unmount(): void {
    if (!mounted.delete(this)) return;
    // Unmounts lazily, so that a process that still has a file open does not block the next test.
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
