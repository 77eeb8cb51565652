import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DEFAULT_SEGMENT_DURATION, type MediaType } from '../../domain/media.ts';
import type { MediaLimits } from '../../domain/media-limits.ts';
import { HLS_STREAM_INFO } from '../encoding/command/encode-args.ts';
import { encodeQuality } from '../encoding/encode-quality.ts';
import { runChild } from '../encoding/ffmpeg/child-process.ts';
import { findDamage } from '../encoding/source/damage/find-damage.ts';
import type { Probe } from '../encoding/source/probe-report.ts';
import { qualityEntryFile } from '../files/media-files.ts';
import { defaultRequests } from './describe-plan.ts';
import { secondsOf } from './table.ts';

export interface MeasureOptions {
  readonly source: string;
  readonly probe: Probe;
  readonly type: MediaType;
  readonly ffmpegPath: string;
  readonly ffprobePath: string;
  readonly signal: AbortSignal;
  readonly limits: MediaLimits;
}

/** Entries of ffprobe about the streams of an encoded quality. */
const ENTRIES =
  'stream=codec_name,profile,width,height,pix_fmt,color_range,color_space,color_transfer,color_primaries,avg_frame_rate,channels,sample_rate,start_time,duration';

/** Encodes each default quality in a directory of its own, and returns lines about what was measured of it. */
export async function encodedLines(options: MeasureOptions): Promise<string[]> {
  const mediaDir = await mkdtemp(join(tmpdir(), 'media-report-'));
  try {
    const lines: string[] = [];
    for (const [position, request] of defaultRequests(options.type).entries()) {
      lines.push(...(await qualityLines(mediaDir, { ...request, position }, options)));
    }
    const damage = await findDamage(options.source, options.probe, options);
    return [...lines, ...damage.map((note) => `  ${note}`)];
  } finally {
    await rm(mediaDir, { recursive: true });
  }
}

async function qualityLines(
  mediaDir: string,
  quality: ReturnType<typeof defaultRequests>[number] & { readonly position: number },
  { type: mediaType, ...options }: MeasureOptions,
): Promise<string[]> {
  const startedAt = performance.now();
  const encoded = await encodeQuality({
    ...{ ...options, mediaDir, quality, mediaType },
    ...{ segmentDuration: DEFAULT_SEGMENT_DURATION, minFreeBytes: 0 },
  });
  const took = secondsOf((performance.now() - startedAt) / 1000);
  if (!encoded.ok) return [`  ${quality.resolution}: failed after ${took}: ${encoded.reason}`];
  const entry = qualityEntryFile(mediaDir, quality);
  const playlist = await readFile(entry, 'utf8');
  const durations = Array.from(playlist.matchAll(/^#EXTINF:([\d.]+)/gm), ([, seconds]) => Number(seconds));
  const streamInfo = await readFile(join(dirname(entry), HLS_STREAM_INFO), 'utf8');
  const total = durations.reduce((sum, seconds) => sum + seconds, 0);
  return [
    `  ${quality.resolution}: encoded in ${took}; ${durations.length} segments that last ${secondsOf(total)}`,
    `    ${/^#EXT-X-STREAM-INF:.*$/m.exec(streamInfo)?.[0] ?? ''}`,
    ...(await streamLines(entry, options)).map((line) => `    ${line}`),
  ];
}

async function streamLines(
  entry: string,
  { ffprobePath, signal }: Pick<MeasureOptions, 'ffprobePath' | 'signal'>,
): Promise<string[]> {
  const lines: string[] = [];
  const onLine = (line: string) => {
    if (line.startsWith('stream')) lines.push(line.replace(/^stream\|/, '').replaceAll('|', ' '));
  };
  await runChild(ffprobePath, ['-v', 'error', '-of', 'compact', '-show_entries', ENTRIES, entry], {
    signal,
    onLine,
  });
  return [...new Set(lines)];
}
