import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { DEFAULT_MEDIA_LIMITS } from '../../domain/media-limits.ts';
import { publicDir } from '../files/media-files.ts';
import { encodeQuality } from './encode-quality.ts';
import { probe } from './source/probe.ts';
import { FFMPEG, FFPROBE, makeClip } from './testing/sample-clips.ts';

const QUALITIES = [
  { type: 'hls', containerType: 'mpegts' },
  { type: 'hls', containerType: 'fmp4' },
  { type: 'dash', containerType: 'fmp4' },
] as const;

test('a full disk is not the file’s fault, although ffmpeg does not notice it', async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'encoder-'));
  const mounted = await mountTmpfs(join(dir, 'small'), '1m');
  t.after(async () => {
    if (mounted !== null) execFileSync('umount', [mounted]);
    await rm(dir, { recursive: true });
  });
  if (mounted === null) return t.skip('mounting a tmpfs is not permitted here');
  const source = await makeClip(dir, 'busy.mp4', { seconds: 2, picture: { size: '1280x720', rate: 30 } });
  const signal = new AbortController().signal;
  const limits = DEFAULT_MEDIA_LIMITS;
  const probed = await probe(source, { ffmpegPath: FFMPEG, ffprobePath: FFPROBE, signal, limits });
  assert.ok(probed.ok);
  for (const quality of QUALITIES) {
    const outcome = await encodeQuality({
      mediaType: 'video',
      segmentDuration: 1,
      ffmpegPath: FFMPEG,
      signal,
      probe: probed.probe,
      minFreeBytes: 0,
      limits,
      source,
      mediaDir: mounted,
      quality: {
        position: 0,
        resolution: '720p',
        videoCodec: 'h264',
        videoBitrate: 20_000_000,
        audioCodec: 'aac',
        audioBitrate: null,
        ...quality,
      },
    });
    assert.equal(outcome.ok ? 'ok' : outcome.kind, 'no-space', JSON.stringify(quality));
    assert.equal(existsSync(publicDir(mounted)), false);
  }
});

async function mountTmpfs(path: string, size: string): Promise<string | null> {
  await mkdir(path, { recursive: true });
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', path], { stdio: 'ignore' });
    return path;
  } catch {
    return null;
  }
}
