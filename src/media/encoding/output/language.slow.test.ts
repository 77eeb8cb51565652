import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { requestOf } from '../../../domain/media.ts';
import { DEFAULT_MEDIA_LIMITS as limits } from '../../../domain/media-limits.ts';
import { dashManifestFile, publicDir, qualityEntryFile } from '../../files/media-files.ts';
import { encodeQuality } from '../encode-quality.ts';
import { probe } from '../source/probe.ts';
import { readHeaders } from '../source/read-file.ts';
import { assertPlaylists } from '../testing/playlist-rules/assert-playlists.ts';
import { FFMPEG, FFPROBE, makeClip } from '../testing/sample-clips.ts';
import { writePlaylists } from '../write-playlists.ts';

test('segments of HLS and manifests of DASH state the language of the sound', async (t) => {
  const mediaDir = await mkdtemp(join(tmpdir(), 'mediahooks-language-'));
  t.after(() => rm(mediaDir, { recursive: true }));
  const source = await makeClip(mediaDir, 'german.mkv', {
    seconds: 0.8,
    picture: { size: '64x48' },
    args: ['-metadata:s:a:0', 'language=ger'],
  });
  const { signal } = new AbortController();
  const programs = { ffmpegPath: FFMPEG, ffprobePath: FFPROBE, signal, limits };
  const found = await probe(source, programs);
  assert.ok(found.ok);
  const forms = [
    { type: 'hls', containerType: 'mpegts' },
    { type: 'hls', containerType: 'mp4' },
    { type: 'dash', containerType: 'fmp4' },
  ] as const;
  const qualities = forms.map((form, position) => ({ ...requestOf('144p'), ...form, position }));
  const options = { ...programs, mediaDir, minFreeBytes: 0 };
  const media = { source, probe: found.probe, mediaType: 'video', segmentDuration: 1 } as const;
  for (const quality of qualities) {
    assert.deepEqual(await encodeQuality({ ...options, ...media, quality }), { ok: true });
  }
  await writePlaylists(mediaDir, qualities);
  await assertPlaylists(publicDir(mediaDir));
  for (const quality of qualities.filter(({ type }) => type === 'hls')) {
    const folder = dirname(qualityEntryFile(mediaDir, quality));
    const first = quality.containerType === 'mp4' ? 'init.mp4' : 'segment-00000.ts';
    const headers = await readHeaders(join(folder, first), programs);
    const { streams = [] } = headers.ok ? headers.report : {};
    const sound = streams.find(({ codec_type: type }) => type === 'audio');
    assert.equal(sound?.tags?.language, 'ger', first);
  }
  const manifest = await readFile(dashManifestFile(mediaDir), 'utf8');
  assert.match(manifest, /<AdaptationSet [^>]*contentType="audio"[^>]* lang="de"/);
});
