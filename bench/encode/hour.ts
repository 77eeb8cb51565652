import { execFile, spawn } from 'node:child_process';
import { appendFile, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import type { Quality } from '../../src/domain/media.ts';
import { DEFAULT_MEDIA_LIMITS as limits } from '../../src/domain/media-limits.ts';
import { encodeQuality } from '../../src/media/encoding/encode-quality.ts';
import { probe } from '../../src/media/encoding/source/probe.ts';
import { FFMPEG, FFPROBE } from '../../src/media/encoding/testing/sample-clips.ts';
import { qualityDir } from '../../src/media/files/media-files.ts';

/** Measures how far the sound of a long media is from its picture, from the beginning to the end. */

/** Maximum number of seconds between a flash and its beep. */
const GOAL = 0.02;
const { values } = parseArgs({ options: { seconds: { type: 'string', default: '3600' } } });
const SECONDS = Number(values.seconds);
/** Seconds from one beep to the next. */
const EVERY = SECONDS >= 600 ? 60 : 10;
/** Pictures a second. Flashes of all clocks are at whole pictures. */
const PICTURES = 10;
/** Hertz at which the encoded sound is looked at. */
const RATE = 8_000;
const LOUD = 0.3;

const signal = new AbortController().signal;
const run = promisify(execFile);
const quality = {
  ...{ position: 0, resolution: '144p', type: 'hls', containerType: 'mpegts', videoCodec: 'h264' },
  ...{ videoBitrate: null, audioCodec: 'aac', audioBitrate: null },
} as const satisfies Omit<Quality, 'status'>;

/**
 * Clocks of the microphone: the factor by which the times in the file run, compared with the samples, and the codec and
 * container of the file.
 */
const CLOCKS = [
  { words: 'exact, AAC in MP4', scale: 1, name: 'exact.mp4', codec: 'aac' },
  { words: '1 % slow, PCM in Matroska', scale: 1.01, name: 'slow.mkv', codec: 'pcm_s16le' },
  { words: '1 % fast, AAC in MP4', scale: 0.99, name: 'fast.mp4', codec: 'aac' },
] as const;

/** Makes a file with a beep every `EVERY` seconds of the microphone's clock, and a flash at the same time of the file. */
async function makeSource(file: string, { scale, codec }: { scale: number; codec: string }): Promise<void> {
  const flash = `drawbox=c=white:t=fill:enable='gte(t,1)*lt(mod(t/${scale},${EVERY}),0.1)'`;
  const beep = `0.9*gte(t,1)*lt(mod(t,${EVERY}),0.1)*sin(2*PI*1000*t)`;
  await run(FFMPEG, [
    ...[
      '-v',
      'error',
      '-f',
      'lavfi',
      '-i',
      `color=black:s=64x36:r=${PICTURES}:d=${SECONDS * scale},${flash}`,
    ],
    ...['-f', 'lavfi', '-i', `aevalsrc='${beep}':d=${SECONDS}:s=16000`],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-g', '250'],
    ...['-c:a', codec, '-bsf:a', `setts=ts=TS*${scale}`, file],
  ]);
}

/** Encodes a file, and returns the path of a file with all its segments. */
async function encode(source: string, mediaDir: string): Promise<string> {
  const found = await probe(source, { ffmpegPath: FFMPEG, ffprobePath: FFPROBE, signal, limits });
  if (!found.ok) throw new Error(found.reason);
  const of = { source, mediaDir, quality, probe: found.probe, mediaType: 'video', signal, limits } as const;
  const outcome = await encodeQuality({ ...of, segmentDuration: 6, ffmpegPath: FFMPEG, minFreeBytes: 0 });
  if (!outcome.ok) throw new Error(outcome.reason);
  const folder = qualityDir(mediaDir, quality);
  const joined = join(mediaDir, 'joined.ts');
  const segments = (await readdir(folder)).filter((name) => name.endsWith('.ts')).sort();
  for (const segment of segments) await appendFile(joined, await readFile(join(folder, segment)));
  return joined;
}

/** Returns the times at which values of a raw output of ffmpeg become large, in seconds from its beginning. */
async function onsets(
  args: readonly string[],
  { bytes, isLarge, rate }: { bytes: number; isLarge: (item: Buffer) => boolean; rate: number },
): Promise<number[]> {
  const child = spawn(FFMPEG, ['-v', 'error', ...args, 'pipe:1'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const found: number[] = [];
  let [rest, index, last] = [Buffer.alloc(0), 0, Number.NEGATIVE_INFINITY];
  for await (const chunk of child.stdout) {
    const data = Buffer.concat([rest, chunk as Buffer]);
    let at = 0;
    for (; at + bytes <= data.length; at += bytes, index += 1) {
      if (!isLarge(data.subarray(at, at + bytes))) continue;
      if (index / rate - last > 1) found.push(index / rate);
      last = index / rate;
    }
    rest = data.subarray(at);
  }
  return found;
}

/** Returns when the first packets of picture and sound are presented. */
async function starts(file: string): Promise<[picture: number, sound: number]> {
  const entries = ['-read_intervals', '%+1', '-show_entries', 'packet=pts_time,codec_type', '-of', 'csv=p=0'];
  const { stdout } = await run(FFPROBE, ['-v', 'error', ...entries, file]);
  const first = (kind: string) =>
    Math.min(
      ...stdout
        .split('\n')
        .filter((line) => line.startsWith(kind))
        .map((line) => Number(line.split(',')[1])),
    );
  return [first('video'), first('audio')];
}

async function measure(clock: (typeof CLOCKS)[number], root: string): Promise<number> {
  const source = join(root, clock.name);
  await makeSource(source, clock);
  const joined = await encode(source, join(root, `${clock.name}-media`));
  const [pictureAt, soundAt] = await starts(joined);
  const flashes = await onsets(
    ['-i', joined, '-map', '0:v', '-vf', 'scale=1:1', '-pix_fmt', 'gray', '-f', 'rawvideo'],
    {
      ...{ bytes: 1, rate: PICTURES },
      isLarge: (item) => item.readUInt8(0) > 128,
    },
  );
  const beeps = await onsets(['-i', joined, '-map', '0:a', '-ac', '1', '-ar', String(RATE), '-f', 'f32le'], {
    ...{ bytes: 4, rate: RATE },
    isLarge: (item) => Math.abs(item.readFloatLE(0)) > LOUD,
  });
  const late = beeps.map((time, index) => time + soundAt - pictureAt - (flashes[index] ?? Number.NaN));
  const worst = Math.max(...late.map(Math.abs));
  const text = (seconds = Number.NaN) => `${(seconds * 1000).toFixed(1)} ms`;
  process.stdout.write(
    `${clock.words}: ${beeps.length} beeps, ${flashes.length} flashes; the sound is late by ${text(late[0])} at the first, ` +
      `${text(late.at(-1))} at the last, ${text(worst)} at most\n`,
  );
  return flashes.length === beeps.length ? worst : Number.NaN;
}

const root = await mkdtemp(join(tmpdir(), 'bench-hour-'));
try {
  const worst: number[] = [];
  for (const clock of CLOCKS) worst.push(await measure(clock, root));
  process.exitCode = worst.every((seconds) => seconds <= GOAL) ? 0 : 1;
} finally {
  await rm(root, { recursive: true });
}
