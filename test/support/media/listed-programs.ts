/**
 * Programs in place of ffmpeg and ffprobe that start faster, and do the same. `node test/support/media/listed-programs.ts`
 * prints their folders for the PATH. Tests start these programs thousands of times, and most of them take much longer to
 * start than to encode a tiny file:
 * - They remember what the real ones list. The service reads three lists at each start.
 * - They name the libraries that the dynamic linker is to load first (`early-libraries.ts`).
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { LISTING_ARGS } from '../../../src/media/encoding/ffmpeg/capabilities.ts';
import { earlyLibraries } from './early-libraries.ts';

const CACHE = resolve(import.meta.dirname, '../../../node_modules/.cache/listed-programs');
/** List of the installed libraries, which changes when one of them is installed. */
const LIBRARIES = '/etc/ld.so.cache';
/** Is raised when the form of the programs changes. */
const FORM = 3;

/** Paths of the programs. They run the real ones, except for the lists. */
export const LISTED_PROGRAMS = { ffmpeg: listedProgram('ffmpeg'), ffprobe: listedProgram('ffprobe') };

if (import.meta.main) {
  process.stdout.write(`${Object.values(LISTED_PROGRAMS).map(dirname).join(delimiter)}\n`);
}

/** Makes the program in place of `name`, unless it exists already. Returns its path. */
function listedProgram(name: string): string {
  const real = realProgram(name);
  const { mtimeMs, size } = statSync(real);
  const libraries = statSync(LIBRARIES, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const version = [FORM, size, Math.floor(mtimeMs), Math.floor(libraries)].join('-');
  const folder = join(CACHE, `${name}-${version}`);
  if (!existsSync(folder)) makeFolder(folder, name, real);
  return join(folder, name);
}

/** Returns the path of the real program, which follows the programs of this module in the PATH. */
function realProgram(name: string): string {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => !folder.startsWith(CACHE));
  const env = { ...process.env, PATH: folders.join(delimiter) };
  return execFileSync('/bin/sh', ['-c', `command -v ${name}`], { encoding: 'utf8', env }).trim();
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
  const early = `export LD_PRELOAD='${earlyLibraries(real).join(' ')}'`;
  const lines = ['#!/bin/sh', lists, early, `exec '${real}' "$@"`];
  writeFileSync(join(unfinished, name), `${lines.join('\n')}\n`, { mode: 0o755 });
  try {
    renameSync(unfinished, folder);
  } catch (error) {
    // Another test process was faster.
    if (!existsSync(folder)) throw error;
    rmSync(unfinished, { recursive: true });
  }
}
