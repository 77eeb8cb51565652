import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, setPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Quality, Resolution } from '../../src/domain/media.ts';
import { DEFAULT_MEDIA_LIMITS as limits } from '../../src/domain/media-limits.ts';
import { encodeArgs } from '../../src/media/encoding/command/encode-args.ts';
import { encodeQuality } from '../../src/media/encoding/encode-quality.ts';
import { planRendition } from '../../src/media/encoding/plan/plan-rendition.ts';
import { probe } from '../../src/media/encoding/source/probe.ts';
import type { Probe } from '../../src/media/encoding/source/probe-report.ts';
import { FFMPEG, FFPROBE, makeClip } from '../../src/media/encoding/testing/sample-clips.ts';
import { writePlaylists } from '../../src/media/encoding/write-playlists.ts';

/** Maximum ratio of the encoder's wall time to the wall time of an ffmpeg that is started directly. */
const GOAL = 1.05;
const SEGMENT_SECONDS = 6;
const DEFAULT_ROUNDS = 5;

type EncodedQuality = Omit<Quality, 'status'>;

const signal = new AbortController().signal;
const qualities = (['720p', '480p', '360p'] as const).map(qualityOf);

function qualityOf(resolution: Resolution, position: number): EncodedQuality {
  return {
    ...{ position, resolution, type: 'hls', containerType: 'mpegts' },
    ...{ videoCodec: 'h264', videoBitrate: null, audioCodec: 'aac', audioBitrate: null },
  };
}

async function throughEncoder(source: string, found: Probe, mediaDir: string, quality: EncodedQuality) {
  const outcome = await encodeQuality({
    ...{ source, mediaDir, quality, probe: found, mediaType: 'video', signal },
    ...{
      segmentDuration: SEGMENT_SECONDS,
      ffmpegPath: FFMPEG,
      limits,
      minFreeBytes: 0,
      onProgress: () => {},
    },
  });
  if (!outcome.ok) throw new Error(outcome.reason);
  await writePlaylists(mediaDir, [quality]);
}

async function byHand(source: string, found: Probe, cwd: string, quality: EncodedQuality) {
  const args = encodeArgs(source, planRendition(quality, found, 'video', SEGMENT_SECONDS), limits);
  const child = spawn(FFMPEG, ['-v', 'error', '-nostdin', ...args], { cwd, stdio: 'inherit' });
  if (child.pid !== undefined) setPriority(child.pid, 10);
  const [exitCode] = await once(child, 'close');
  if (exitCode !== 0) throw new Error(`ffmpeg ended with ${exitCode}`);
}

/** Calls `way` with a new directory, and returns the milliseconds until `way` has ended. */
async function timed(root: string, way: (dir: string) => Promise<void>): Promise<number> {
  const dir = await mkdtemp(join(root, 'round-'));
  const start = performance.now();
  await way(dir);
  const elapsed = performance.now() - start;
  await rm(dir, { recursive: true });
  return elapsed;
}

/** Encodes by both ways in pairs. Returns the ratio of the times of each pair, in ascending order. */
async function run(root: string, rounds: number): Promise<number[]> {
  const source = await makeClip(root, 'clip.mp4', {
    seconds: 24,
    picture: { size: '1280x720', rate: 25 },
    args: ['-vf', 'noise=alls=12:allf=t', '-shortest'],
  });
  const probed = await probe(source, { ffmpegPath: FFMPEG, ffprobePath: FFPROBE, signal, limits });
  if (!probed.ok) throw new Error(probed.reason);

  const ratios: number[] = [];
  for (let pair = 0; pair < rounds * qualities.length; pair += 1) {
    const quality = qualities[pair % qualities.length] as EncodedQuality;
    const encoder = (dir: string) => throughEncoder(source, probed.probe, dir, quality);
    const hand = (dir: string) => byHand(source, probed.probe, dir, quality);
    const handFirst = pair % 2 === 0 ? await timed(root, hand) : null;
    const encoderTime = await timed(root, encoder);
    const handTime = handFirst ?? (await timed(root, hand));
    ratios.push(encoderTime / handTime);
    report(
      `${quality.resolution}: encoder ${seconds(encoderTime)}, by hand ${seconds(handTime)}`,
      encoderTime / handTime,
    );
  }
  return ratios.toSorted((a, b) => a - b);
}

function quantile(ascending: readonly number[], share: number): number {
  return ascending[Math.round((ascending.length - 1) * share)] ?? Number.NaN;
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(2)} s`;
}

function report(text: string, ratio: number): void {
  process.stdout.write(`${text}: ${ratio.toFixed(3)}\n`);
}

const root = await mkdtemp(join(tmpdir(), 'bench-encode-'));
try {
  const ratios = await run(root, Number(process.argv[2] ?? DEFAULT_ROUNDS));
  const median = quantile(ratios, 0.5);
  report('lower quartile', quantile(ratios, 0.25));
  report('upper quartile', quantile(ratios, 0.75));
  report(`median of ${ratios.length} pairs, ${availableParallelism()} cores, goal ${GOAL}`, median);
  process.exitCode = median <= GOAL ? 0 : 1;
} finally {
  await rm(root, { recursive: true });
}
