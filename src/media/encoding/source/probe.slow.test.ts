import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { DEFAULT_MEDIA_LIMITS } from '../../../domain/media-limits.ts';
import { FFMPEG, FFPROBE } from '../testing/sample-clips.ts';
import { probe } from './probe.ts';

const run = promisify(execFile);

let dir = '';
before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'probe-slow-'));
});
after(() => rm(dir, { recursive: true }));

const H264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-sc_threshold', '0'];
const picture = (seconds: number) => ['-f', 'lavfi', '-i', `testsrc2=s=64x48:r=10:d=${seconds}`];
const sound = (seconds: number) => ['-f', 'lavfi', '-i', `sine=d=${seconds}`];

async function make(name: string, ...args: readonly string[]): Promise<string> {
  await run(FFMPEG, ['-v', 'error', '-y', ...args, name], { cwd: dir });
  return join(dir, name);
}

async function bytesOf(file: string): Promise<Buffer> {
  return readFile(file);
}

async function write(name: string, ...parts: readonly Buffer[]): Promise<string> {
  await writeFile(join(dir, name), Buffer.concat(parts));
  return join(dir, name);
}

/** Returns the facts about a file, with times to a tenth of a second. */
async function facts(file: string) {
  const { signal } = new AbortController();
  const options = { ffmpegPath: FFMPEG, ffprobePath: FFPROBE, signal, limits: DEFAULT_MEDIA_LIMITS };
  const outcome = await probe(file, options);
  assert.ok(outcome.ok, outcome.ok ? '' : outcome.reason);
  const { video, audio, durationSeconds, notes, depth } = outcome.probe;
  const span = (of: typeof video | typeof audio) =>
    of && [of.span.start, of.span.end].map((seconds) => seconds.toFixed(1)).join('–');
  return {
    seconds: durationSeconds.toFixed(1),
    video: span(video),
    audio: span(audio),
    notes: notes.join('\n'),
    isDeep: depth !== undefined,
  };
}

test('a stream that begins late is found, however late', async () => {
  const late = ['-map', '0', '-map', '1', ...H264, '-c:a', 'aac'];
  const camera = await make('camera.flv', ...sound(16), '-itsoffset', '12', ...picture(4), ...late);
  const microphone = await make('microphone.flv', ...picture(16), '-itsoffset', '12', ...sound(4), ...late);
  for (const copied of ['ts', 'mkv']) {
    const video = await facts(await make(`camera.${copied}`, '-i', camera, '-c', 'copy'));
    assert.deepEqual(
      { ...video, isDeep: null },
      { seconds: '16.0', video: '12.0–16.0', audio: '0.0–16.0', notes: '', isDeep: null },
    );
    assert.equal(video.isDeep, copied === 'ts');
    const heard = await facts(await make(`microphone.${copied}`, '-i', microphone, '-c', 'copy'));
    assert.deepEqual([heard.video, heard.audio, heard.notes], ['0.0–16.0', '12.0–16.0', '']);
  }
});

test('a recording that begins between two key frames has its picture, from the next one on', async () => {
  const whole = await make('whole.ts', ...picture(16), ...sound(16), ...H264, '-g', '120', '-c:a', 'aac');
  const bytes = await bytesOf(whole);
  const begins = Math.floor(bytes.length / 5 / 188) * 188;
  const { video, audio, notes, isDeep } = await facts(await write('cut.ts', bytes.subarray(begins)));
  assert.equal(isDeep, true);
  assert.match(video ?? '', /^[6-9]\.\d–1[0-3]\.\d$/);
  assert.match(audio ?? '', /^0\.0–1[0-3]\.\d$/);
  assert.match(notes, /^The first [6-9]\.\d s of the picture can't be decoded/);
});

test('a recording whose times jump lasts as long as ffmpeg plays it', async () => {
  const part = [...picture(2), ...sound(2), ...H264, '-bf', '0', '-c:a', 'aac'];
  const first = await bytesOf(await make('first.ts', ...part));
  const hours = await bytesOf(await make('hours.ts', ...part, '-output_ts_offset', '7200'));
  const gap = await bytesOf(await make('gap.ts', ...part, '-output_ts_offset', '4'));
  for (const [name, other, seconds] of [
    ['same.ts', first, '4.0'],
    ['ahead.ts', hours, '4.0'],
    ['paused.ts', gap, '6.0'],
  ] as const) {
    const found = await facts(await write(name, first, other));
    assert.deepEqual([found.seconds, found.isDeep], [seconds, false], name);
    assert.equal(/^The times in the file jump after 2 s/.test(found.notes), name !== 'paused.ts', name);
  }
  assert.equal((await facts(await write('back.ts', hours, first))).seconds, '4.0');
  const wrapping = await make('wrapping.ts', ...part, '-output_ts_offset', '95442.2');
  assert.deepEqual([(await facts(wrapping)).seconds, (await facts(wrapping)).notes], ['2.0', '']);
});

test('durations are counted, not estimated', async () => {
  const halves = ['-f', 'lavfi', '-i', 'aevalsrc=if(gt(t\\,10)\\,random(0)-.5\\,0):d=20:s=44100'];
  for (const args of [
    ['vbr.aac', '-c:a', 'aac', '-q:a', '2'],
    ['vbr.mp3', '-c:a', 'libmp3lame', '-q:a', '4', '-write_xing', '0'],
  ]) {
    const [name = '', ...codec] = args;
    const { seconds, notes } = await facts(await make(name, ...halves, ...codec));
    assert.deepEqual([Math.abs(Number(seconds) - 20) < 0.11, notes], [true, ''], `${name}: ${seconds}`);
  }
});

test('a file that ends early says so', async () => {
  const whole = [...picture(4), ...sound(4), ...H264, '-g', '10'];
  for (const name of ['whole.mp4', 'whole.mkv', 'whole.mp3']) {
    const input = name.endsWith('mp3') ? sound(4) : whole;
    const options = name.endsWith('mp4') ? ['-movflags', '+faststart'] : [];
    const bytes = await bytesOf(await make(name, ...input, ...options));
    assert.equal((await facts(join(dir, name))).notes, '', name);
    const { seconds, notes } = await facts(
      await write(`half-${name}`, bytes.subarray(0, bytes.length * 0.6)),
    );
    assert.ok(Number(seconds) > 1.5 && Number(seconds) < 3, `${name}: ${seconds}`);
    assert.match(notes, /^The file ends after [12](\.\d)? s of the 4 s that it states/, name);
  }
});

test('a declared track without content is left out, and said to be empty', async () => {
  const none = ['-f', 'lavfi', '-i', 'anullsrc=r=48000:d=2,aselect=0', '-map', '0', '-map', '1'];
  const empty = await make('empty.mkv', ...picture(2), ...none, ...H264, '-c:a', 'aac');
  const { audio, notes } = await facts(empty);
  assert.equal(audio, null);
  assert.equal(notes, 'The file declares a sound track that holds no sound; the media has no sound.');
});
