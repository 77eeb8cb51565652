import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Quality, Resolution } from '../../../domain/media.ts';
import { DEFAULT_MEDIA_LIMITS } from '../../../domain/media-limits.ts';
import {
  downloadFile,
  hlsMasterFile,
  mediaDir,
  publicDir,
  qualityDir,
  qualityEntryFile,
  sourceFile,
} from '../../files/media-files.ts';
import { makeMp4 } from '../derived-files.ts';
import { MEDIA, runMediaJob } from '../testing/media-job.ts';
import { assertPlaylists } from '../testing/playlist-rules/assert-playlists.ts';
import { decode, FFMPEG, makeClip, see } from '../testing/sample-clips.ts';

function quality(position: number, resolution: Resolution, of: Partial<Quality> = {}): Quality {
  return { ...(MEDIA.qualities[0] as Quality), containerType: 'mp4', ...of, position, resolution };
}
const DASH = { type: 'dash', containerType: 'fmp4' } as const;
const BOTH = [quality(0, '240p'), quality(1, '240p', DASH), quality(2, '144p'), quality(3, '144p', DASH)];

async function withClip(t: TestContext, args: readonly string[] = []): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), 'mediahooks-share-'));
  t.after(() => rm(dataDir, { recursive: true }));
  await mkdir(mediaDir(dataDir, MEDIA.id), { recursive: true });
  const clip = await makeClip(dataDir, 'clip.mp4', { seconds: 6, picture: { size: '426x240' }, args });
  await rename(clip, sourceFile(mediaDir(dataDir, MEDIA.id)));
  return dataDir;
}

async function bytesIn(directory: string): Promise<number> {
  let bytes = 0;
  for (const name of await readdir(directory, { recursive: true })) {
    const file = await stat(join(directory, name));
    if (file.isFile()) bytes += file.size;
  }
  return bytes;
}

test('HLS and DASH of the same qualities have one set of segments', async (t) => {
  const dataDir = await withClip(t);
  const dir = mediaDir(dataDir, MEDIA.id);
  const progress = new Map<number, number>();
  const onProgress = (position: number, percent: number) => void progress.set(position, percent);
  const committed = await runMediaJob(dataDir, { qualities: BOTH, onProgress });

  const events = committed.map(({ event: { type, body } }) => `${type} ${JSON.parse(body).qualities}`);
  assert.deepEqual(events.slice(1), [
    ...['partial.finished 240p', 'partial.finished 240p', 'partial.finished 144p', 'partial.finished 144p'],
    'encoding.finished 144p,240p',
  ]);
  const steps = committed.map(({ step }) => step?.kind === 'quality-done' && step.position);
  assert.deepEqual(steps.slice(1, -1), [1, 0, 3, 2]);
  assert.deepEqual([...progress.values()], [100, 100, 100, 100]);

  await assertPlaylists(publicDir(dir));
  const hls = await bytesIn(join(publicDir(dir), 'hls'));
  const dash = await bytesIn(join(publicDir(dir), 'dash'));
  assert.ok((hls + dash) / 2 < 0.55 * dash, `${hls} bytes of HLS beside ${dash} of DASH`);
  for (const one of [BOTH[0], BOTH[2]] as Quality[]) {
    assert.deepEqual((await readdir(qualityDir(dir, one))).toSorted(), [
      'audio.m3u8',
      'index.m3u8',
      'stream.m3u8',
    ]);
  }
  for (const entry of [hlsMasterFile(dir), join(qualityDir(dir, BOTH[0] as Quality), 'stream.m3u8')]) {
    assert.equal(await decode(entry), '');
    const { streams } = await see(entry);
    assert.deepEqual(new Set(streams.map(({ codec_type }) => codec_type)), new Set(['video', 'audio']));
  }

  const options = { mediaDir: dir, ffmpegPath: FFMPEG, minFreeBytes: 0, limits: DEFAULT_MEDIA_LIMITS };
  const signal = new AbortController().signal;
  assert.deepEqual(await makeMp4(BOTH, { ...options, signal }), { ok: true });
  assert.deepEqual(
    (await see(downloadFile(dir))).streams.map(({ codec_type }) => codec_type),
    ['video', 'audio'],
  );
});

test('a restart makes HLS of the DASH quality that is done, without another encode', async (t) => {
  const dataDir = await withClip(t, ['-an']);
  const dir = mediaDir(dataDir, MEDIA.id);
  const [hls, dash] = [quality(0, '144p'), quality(1, '144p', DASH)];
  await runMediaJob(dataDir, { qualities: [dash] });
  const before = await stat(qualityEntryFile(dir, dash));
  const committed = await runMediaJob(dataDir, { qualities: [hls, { ...dash, status: 'done' }] });
  assert.deepEqual(
    committed.map(({ event }) => event.type),
    ['encoding.started', 'partial.finished', 'encoding.finished'],
  );
  assert.equal((await stat(qualityEntryFile(dir, dash))).ino, before.ino);
  assert.match(
    await readFile(qualityEntryFile(dir, hls), 'utf8'),
    /^\.\.\/\.\.\/dash\/1-144p\/segment-0-00001\.m4s$/m,
  );
  await assertPlaylists(publicDir(dir));
});

test('sound alone has one set of segments, too', async (t) => {
  const dataDir = await withClip(t, ['-vn']);
  const dir = mediaDir(dataDir, MEDIA.id);
  await runMediaJob(dataDir, { qualities: BOTH.slice(0, 2) });
  assert.deepEqual((await readdir(qualityDir(dir, BOTH[0] as Quality))).toSorted(), [
    'index.m3u8',
    'stream.m3u8',
  ]);
  await assertPlaylists(publicDir(dir));
  assert.equal(await decode(hlsMasterFile(dir)), '');
});

test('HLS in transport streams keeps its own segments, and so does one that a failed DASH quality leaves', async (t) => {
  const dataDir = await withClip(t);
  const dir = mediaDir(dataDir, MEDIA.id);
  const [hls, dash] = [quality(0, '144p', { containerType: 'mpegts' }), quality(1, '144p', DASH)];
  await runMediaJob(dataDir, { qualities: [hls, dash] });
  assert.ok((await readdir(qualityDir(dir, hls))).includes('segment-00000.ts'));
  const free = { ...hls, containerType: 'mp4' } as const;
  await runMediaJob(dataDir, { qualities: [free, { ...dash, status: 'fail' }] });
  assert.ok((await readdir(qualityDir(dir, hls))).includes('segment-00000.m4s'));
  await assertPlaylists(publicDir(dir));
});
