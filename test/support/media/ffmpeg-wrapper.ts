import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A program in place of ffmpeg, which records its runs and calls ffmpeg. */
export class FfmpegWrapper {
  readonly path: string;
  readonly #dir: string;

  private constructor(dir: string) {
    this.#dir = dir;
    this.path = join(dir, 'ffmpeg');
  }

  /**
   * Creates the program. @param before shell code that sees the arguments, and may end the run
   */
  static async create(before = ''): Promise<FfmpegWrapper> {
    const wrapper = new FfmpegWrapper(await mkdtemp(join(tmpdir(), 'mediahooks-ffmpeg-')));
    const record = (what: string) => `echo ${what} >> '${wrapper.#record}'`;
    const lines = [
      '#!/bin/sh',
      // The service asks once whether the program runs at all.
      'case "$*" in -version) exec ffmpeg -version;; esac',
      before,
      record('begin'),
      'ffmpeg "$@"; code=$?',
      record('end'),
      'exit $code',
    ];
    await writeFile(wrapper.path, `${lines.join('\n')}\n`);
    await chmod(wrapper.path, 0o755);
    return wrapper;
  }

  /** Returns the number of runs, and the maximum number at once. */
  async runs(): Promise<{ count: number; atOnce: number }> {
    const marks = (await readFile(this.#record, 'utf8')).trim().split('\n');
    let running = 0;
    let atOnce = 0;
    for (const mark of marks) {
      running += mark === 'begin' ? 1 : -1;
      atOnce = Math.max(atOnce, running);
    }
    return { count: marks.filter((mark) => mark === 'begin').length, atOnce };
  }

  async remove(): Promise<void> {
    await rm(this.#dir, { recursive: true });
  }

  get #record(): string {
    return join(this.#dir, 'record');
  }
}
