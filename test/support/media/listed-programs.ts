/**
 * Programs in place of ffmpeg and ffprobe that remember what the real ones list. The service reads three lists at each
 * start, and for each of them the real programs load two hundred libraries, which takes 0.3 s of CPU together.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LISTING_ARGS } from '../../../src/media/encoding/ffmpeg/capabilities.ts';

const CACHE = join(import.meta.dirname, '../../../node_modules/.cache/listed-programs');

/** Paths of the programs. They run the real ones, except for the lists. */
export const LISTED_PROGRAMS = { ffmpeg: listedProgram('ffmpeg'), ffprobe: listedProgram('ffprobe') };

/** Makes the program in place of `name`, unless it exists already. Returns its path. */
function listedProgram(name: string): string {
  const real = execFileSync('/bin/sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim();
  const { mtimeMs, size } = statSync(real);
  const folder = join(CACHE, `${name}-${size}-${Math.floor(mtimeMs)}`);
  if (!existsSync(folder)) makeFolder(folder, name, real);
  return join(folder, name);
}

function makeFolder(folder: string, name: string, real: string): void {
  mkdirSync(CACHE, { recursive: true });
  const unfinished = mkdtempSync(join(CACHE, 'unfinished-'));
  for (const listing of LISTING_ARGS) {
    const { status, stdout, stderr } = spawnSync(real, [listing], { env: { ...process.env, LC_ALL: 'C' } });
    if (status !== 0) throw new Error(`${real} ${listing} failed: ${stderr}`);
    writeFileSync(join(unfinished, `${name}${listing}.out`), stdout);
    writeFileSync(join(unfinished, `${name}${listing}.err`), stderr);
  }
  const lists = `case "$*" in ${LISTING_ARGS.join('|')}) cat "$0$*.err" >&2; exec cat "$0$*.out";; esac`;
  writeFileSync(join(unfinished, name), `#!/bin/sh\n${lists}\nexec '${real}' "$@"\n`, { mode: 0o755 });
  try {
    renameSync(unfinished, folder);
  } catch (error) {
    // Another test process was faster.
    if (!existsSync(folder)) throw error;
    rmSync(unfinished, { recursive: true });
  }
}
