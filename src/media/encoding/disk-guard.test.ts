import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { runFfmpegGuarded } from './disk-guard.ts';
import { TOO_MUCH_OUTPUT } from './ffmpeg/failures.ts';

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
