import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LISTING_ARGS } from '../../../src/media/encoding/ffmpeg/capabilities.ts';
import { eventually } from '../../../src/platform/testing/eventually.ts';
import { LISTED_PROGRAMS } from './listed-programs.ts';

/** Program that tests run in place of ffmpeg. It records each run, and calls ffmpeg. */
export class FfmpegWrapper {
  readonly path: string;
  readonly #dir: string;

  private constructor(dir: string) {
    this.#dir = dir;
    this.path = join(dir, 'ffmpeg');
  }

  /**
   * Creates the program. @param before shell code that runs before ffmpeg; it has the arguments, and is able
   * to end the run. @param begun shell code that runs when the run is recorded as begun
   */
  static async create(before = '', begun = ''): Promise<FfmpegWrapper> {
    const wrapper = new FfmpegWrapper(await mkdtemp(join(tmpdir(), 'mediahooks-ffmpeg-')));
    const record = (what: string) => `echo ${what} >> '${wrapper.#record}'`;
    const lines = [
      '#!/bin/sh',
      // Runs that list components are not recorded. The service makes them to find out what ffmpeg can do.
      `case "$*" in ${LISTING_ARGS.join('|')}) exec ${LISTED_PROGRAMS.ffmpeg} "$@";; esac`,
      before,
      // The service ends these runs at the first packet of a quality, so that their end could not be recorded.
      `case "$*" in *'-f framecrc'*) exec ffmpeg "$@";; esac`,
      record('begin'),
      begun,
      'ffmpeg "$@"; code=$?',
      record('end'),
      'exit $code',
    ];
    await writeFile(wrapper.path, `${lines.join('\n')}\n`);
    await chmod(wrapper.path, 0o755);
    return wrapper;
  }

  /** Returns the number of runs, and the maximum number of runs at the same time. */
  async runs(): Promise<{ count: number; atOnce: number }> {
    const record = await readFile(this.#record, 'utf8').catch(() => '');
    const marks = record.split('\n').filter((mark) => mark !== '');
    let running = 0;
    let atOnce = 0;
    for (const mark of marks) {
      running += mark === 'begin' ? 1 : -1;
      atOnce = Math.max(atOnce, running);
    }
    return { count: marks.filter((mark) => mark === 'begin').length, atOnce };
  }

  /** Fulfils when this number of runs has begun. */
  async untilBegun(count: number): Promise<void> {
    await eventually(`${count} runs of ffmpeg have begun`, async () => (await this.runs()).count >= count);
  }

  async remove(): Promise<void> {
    await rm(this.#dir, { recursive: true });
  }

  get #record(): string {
    return join(this.#dir, 'record');
  }
}
