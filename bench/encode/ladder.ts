import { copyFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Quality, Resolution } from '../../src/domain/media.ts';
import { DEFAULT_MEDIA_LIMITS as limits } from '../../src/domain/media-limits.ts';
import { encodeArgs } from '../../src/media/encoding/command/encode-args.ts';
import { encodeBounds } from '../../src/media/encoding/ffmpeg/limits.ts';
import { runFfmpeg } from '../../src/media/encoding/ffmpeg/run.ts';
import { planRendition } from '../../src/media/encoding/plan/plan-rendition.ts';
import { probe } from '../../src/media/encoding/source/probe.ts';
import type { Probe } from '../../src/media/encoding/source/probe-report.ts';
import { MEDIA, runMediaJob } from '../../src/media/encoding/testing/media-job.ts';
import { FFMPEG, FFPROBE } from '../../src/media/encoding/testing/sample-clips.ts';
import { mediaDir, qualityDir, qualityEntryFile, sourceFile } from '../../src/media/files/media-files.ts';
import { childSeconds } from './child-seconds.ts';
import { makeSource, SOURCES, type SourceKind } from './source-clips.ts';
import { ssimOf } from './ssim.ts';

/** Goals, as ratios to the earlier way. */
const GOALS = { wall: 0.75, cpu: 0.8, first: 1, ssim: 0.002 } as const;

const LADDER = (['1080p', '720p', '360p'] as const).map(qualityOf);

function qualityOf(resolution: Resolution, position: number): Quality {
  return { ...(MEDIA.qualities[0] as Quality), resolution, position };
}

/** Result of one way to encode a media. Times are in seconds. */
interface Measured {
  readonly wall: number;
  readonly cpu: number;
  /** Time until the first quality can be played. */
  readonly first: number;
  /** Bytes of each quality. */
  readonly bytes: readonly number[];
  readonly ssim: readonly number[];
}

type Way = (source: string, dataDir: string, ready: () => void) => Promise<void>;

/** Encodes by the service's job, from the received file to the final event. */
const byJob: Way = async (source, dataDir, ready) => {
  copyFileSync(source, sourceFile(mediaDir(dataDir, MEDIA.id)));
  const onCommitted = ({ event }: { readonly event: { readonly type: string } }) => {
    if (event.type === 'partial.finished') ready();
  };
  const committed = await runMediaJob(dataDir, { qualities: LADDER, onCommitted });
  const last = committed.at(-1);
  if (last?.event.type !== 'encoding.finished') throw new Error(JSON.stringify(last?.step));
};

/**
 * Encodes in the way that the service had before it decoded a file once for several qualities: one ffmpeg for each,
 * in the requested order. Nothing is checked or flushed to the disk, which is in favour of this way.
 */
const oneByOne: Way = async (source, dataDir, ready) => {
  const found = await probed(source);
  for (const quality of LADDER) {
    const cwd = qualityDir(mediaDir(dataDir, MEDIA.id), quality);
    await mkdir(cwd, { recursive: true });
    const plan = planRendition(quality, found, 'video', MEDIA.segmentDuration);
    const args = withEarlierSettings(encodeArgs(source, plan, limits));
    const bounds = encodeBounds(limits, found.durationSeconds);
    const signal = new AbortController().signal;
    const encoded = await runFfmpeg(args, { ffmpegPath: FFMPEG, signal, cwd, bounds });
    if (!encoded.ok) throw new Error(encoded.reason);
    ready();
  }
};

async function probed(source: string): Promise<Probe> {
  const signal = new AbortController().signal;
  const found = await probe(source, { ffmpegPath: FFMPEG, ffprobePath: FFPROBE, signal, limits });
  if (!found.ok) throw new Error(found.reason);
  return found.probe;
}

/** Returns the arguments with the settings of x264 that the service had before: those of its preset alone. */
function withEarlierSettings(args: readonly string[]): string[] {
  const earlier = [...args];
  const params = earlier.indexOf('-x264-params');
  if (params !== -1) earlier.splice(params, 2);
  const quality = earlier.indexOf('-crf');
  if (quality !== -1) earlier[quality + 1] = '23';
  return earlier;
}

async function measure(way: Way, source: string, root: string): Promise<Measured> {
  const dataDir = await mkdtemp(join(root, 'round-'));
  await mkdir(mediaDir(dataDir, MEDIA.id), { recursive: true });
  const [start, before] = [performance.now(), childSeconds()];
  const elapsed = () => (performance.now() - start) / 1000;
  let first = Number.NaN;
  await way(source, dataDir, () => {
    if (Number.isNaN(first)) first = elapsed();
  });
  const [wall, cpu] = [elapsed(), childSeconds() - before];
  const [bytes, ssim]: [number[], number[]] = [[], []];
  for (const quality of LADDER) {
    const dir = mediaDir(dataDir, MEDIA.id);
    bytes.push(await sizeOf(qualityDir(dir, quality)));
    ssim.push(await ssimOf(qualityEntryFile(dir, quality), source));
  }
  await rm(dataDir, { recursive: true });
  return { wall, cpu, first, bytes, ssim };
}

async function sizeOf(directory: string): Promise<number> {
  let bytes = 0;
  for (const name of await readdir(directory)) bytes += (await stat(join(directory, name))).size;
  return bytes;
}

/** Compares both ways, prints the comparison, and returns whether the goals are reached. */
async function compare(source: string, root: string): Promise<boolean> {
  const earlier = await measure(oneByOne, source, root);
  const now = await measure(byJob, source, root);
  const ratio = (of: 'wall' | 'cpu' | 'first') => {
    const value = now[of] / earlier[of];
    const seconds = `${now[of].toFixed(1)} s, one by one ${earlier[of].toFixed(1)} s`;
    print(`  ${of}: ${value.toFixed(3)} (${seconds}; goal ${GOALS[of]})`);
    return value <= GOALS[of];
  };
  const reached = [ratio('wall'), ratio('cpu'), ratio('first')];
  for (const [place, { resolution }] of LADDER.entries()) {
    const [bytes, ssim] = [now.bytes[place] ?? 0, now.ssim[place] ?? 0];
    const [bytesBefore, ssimBefore] = [earlier.bytes[place] ?? 0, earlier.ssim[place] ?? 0];
    const sizes = `${(bytes / bytesBefore).toFixed(3)} of the bytes`;
    print(`  ${resolution}: ${sizes}, SSIM ${ssim.toFixed(4)} and ${ssimBefore.toFixed(4)}`);
    reached.push(ssim >= ssimBefore - GOALS.ssim);
  }
  return reached.every(Boolean);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

const { values, positionals } = parseArgs({
  options: { seconds: { type: 'string', default: '60' }, rounds: { type: 'string', default: '1' } },
  allowPositionals: true,
});
const kinds = positionals.length > 0 ? (positionals as SourceKind[]) : SOURCES;
const root = await mkdtemp(join(tmpdir(), 'bench-ladder-'));
try {
  for (const kind of kinds) {
    const source = await makeSource(root, kind, Number(values.seconds));
    print(`${kind}, ${values.seconds} s of 1080p, ${availableParallelism()} cores`);
    for (let round = 0; round < Number(values.rounds); round += 1) {
      if (!(await compare(source, root))) process.exitCode = 1;
    }
  }
} finally {
  await rm(root, { recursive: true });
}
