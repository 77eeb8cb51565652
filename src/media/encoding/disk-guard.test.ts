import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { runFfmpegGuarded } from './disk-guard.ts';
import { type Failure, failure, TOO_MUCH_OUTPUT } from './ffmpeg/failures.ts';
import { StorageRefused } from './storage-refused.ts';

test('many small files together may exceed the limit', async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'disk-room-'));
  t.after(() => rm(dir, { recursive: true }));
  const ffmpegPath = join(dir, 'ffmpeg');
  const segments = 'for name in a b c; do head -c 4000 /dev/zero > $name; done';
  const progress = 'while :; do echo out_time_us=1; sleep 0.05; done';
  await writeFile(ffmpegPath, `#!/bin/sh\n${segments}\n${progress}\n`, { mode: 0o755 });
  const bounds = { timeMs: 60_000, memoryBytes: 2 ** 32, fileBytes: 10_000 };
  const signal = new AbortController().signal;
  const outcome = await runFfmpegGuarded([], { ffmpegPath, signal, bounds, cwd: dir, minFreeBytes: 0 });
  assert.deepEqual(outcome, TOO_MUCH_OUTPUT);
});

test('a folder that is moved away while ffmpeg runs, as for a deleted media, harms nothing else', async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'disk-room-'));
  t.after(() => rm(dir, { recursive: true }));
  const [ffmpegPath, cwd] = [join(dir, 'ffmpeg'), join(dir, 'work')];
  await mkdir(cwd);
  const program = `mv '${cwd}' '${dir}/trash'; for n in 1 2 3 4 5 6; do echo out_time_us=1; sleep 0.05; done`;
  await writeFile(ffmpegPath, `#!/bin/sh\n${program}\n`, { mode: 0o755 });
  const bounds = { timeMs: 60_000, memoryBytes: 2 ** 32, fileBytes: 10_000 };
  const signal = new AbortController().signal;
  const outcome = await runFfmpegGuarded([], { ffmpegPath, signal, bounds, cwd, minFreeBytes: 0 });
  assert.ok(outcome.ok);
});

test('ffmpeg is ended when the account has no room for what it writes', async (t) => {
  const { options, held } = await guarded(
    t,
    'while :; do head -c 1000 /dev/zero >> a; echo out_time_us=1; sleep 0.02; done',
  );
  const full = failure('failed', 'the account has no room');
  const run = { hold: holdUpTo(3_000, full, held), end() {} };
  assert.deepEqual(await runFfmpegGuarded([], { ...options, run }), full);
  assert.ok((held[0] ?? 9_999) <= 3_000, 'it was counted from the beginning');
});

test('the output of a run that succeeds is counted whole', async (t) => {
  const { options, held } = await guarded(t, 'head -c 5000 /dev/zero > a; head -c 2000 /dev/zero > b');
  const full = failure('failed', 'the account has no room');
  const run = (most: number) => ({ hold: holdUpTo(most, full, held), end() {} });
  assert.deepEqual(await runFfmpegGuarded([], { ...options, run: run(7_000) }), { ok: true });
  assert.deepEqual(held, [7_000]);
  assert.deepEqual(await runFfmpegGuarded([], { ...options, run: run(6_999) }), full);
});

test('a storage that cannot count the output does not end ffmpeg, but the output is counted at the end', async (t) => {
  const { options } = await guarded(
    t,
    'for n in 1 2 3 4 5; do echo out_time_us=1; sleep 0.02; done; touch ended',
  );
  const run = { hold: () => Promise.reject(new Error('locked')), end() {} };
  await assert.rejects(runFfmpegGuarded([], { ...options, run }), StorageRefused);
  assert.ok(existsSync(join(options.cwd, 'ended')));
});

function holdUpTo(most: number, full: Failure, held: number[]) {
  return async (bytes: number) => {
    held.push(bytes);
    return bytes > most ? full : null;
  };
}

/** Returns options with which a shell script runs in place of ffmpeg, and a list for the numbers of bytes that it holds. */
async function guarded(t: TestContext, script: string) {
  const dir = await mkdtemp(join(tmpdir(), 'disk-room-'));
  t.after(() => rm(dir, { recursive: true }));
  const [ffmpegPath, cwd] = [join(dir, 'ffmpeg'), join(dir, 'work')];
  await mkdir(cwd);
  await writeFile(ffmpegPath, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const bounds = { timeMs: 60_000, memoryBytes: 2 ** 32, fileBytes: 100_000 };
  const held: number[] = [];
  return {
    options: { ffmpegPath, bounds, cwd, signal: new AbortController().signal, minFreeBytes: 0 },
    held,
  };
}
