import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { MediaType } from '../../domain/media.ts';
import { DEFAULT_MEDIA_LIMITS } from '../../domain/media-limits.ts';
import { hlsMasterFile, publicDir, qualityDir, qualityEntryFile, workDir } from '../files/media-files.ts';
import { type EncodeOptions, encodeQuality } from './encode-quality.ts';
import { probe } from './source/probe.ts';
import { assertAllPlaylists } from './testing/playlist-rules/assert-playlists.ts';
import { decode, FFMPEG, FFPROBE, makeClip, remakeClip, see } from './testing/sample-clips.ts';
import { writePlaylists } from './write-playlists.ts';

let dir = '';
let clip = '';
before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'encoder-'));
  clip = await makeClip(dir, 'clip.mp4', { seconds: 2, picture: { size: '640x360' } });
});
after(async () => {
  try {
    await assertAllPlaylists(dir);
  } finally {
    await rm(dir, { recursive: true });
  }
});

const never = new AbortController().signal;

type Overrides = Partial<Omit<EncodeOptions, 'quality'>> & { quality?: Partial<EncodeOptions['quality']> };

/** Probes `source` and encodes it in a media directory of its own. */
async function encode(source: string, overrides: Overrides = {}) {
  const media = overrides.mediaDir ?? (await mkdtemp(join(dir, 'media-')));
  const probed = await probe(source, {
    ffmpegPath: FFMPEG,
    ffprobePath: FFPROBE,
    signal: never,
    limits: DEFAULT_MEDIA_LIMITS,
  });
  assert.ok(probed.ok);
  const quality = {
    position: 0,
    resolution: '240p',
    type: 'hls',
    containerType: 'mpegts',
    videoCodec: 'h264',
    videoBitrate: null,
    audioCodec: 'aac',
    audioBitrate: null,
    ...overrides.quality,
  } as const;
  const outcome = await encodeQuality({
    mediaType: 'video' as MediaType,
    segmentDuration: 1,
    ffmpegPath: FFMPEG,
    signal: never,
    probe: probed.probe,
    minFreeBytes: 0,
    limits: DEFAULT_MEDIA_LIMITS,
    ...overrides,
    source,
    mediaDir: media,
    quality,
  });
  return { outcome, media, quality, entry: qualityEntryFile(media, quality) };
}

async function pictureIn(entry: string): Promise<string> {
  const video = (await see(entry)).streams.find((stream) => stream.codec_type === 'video');
  return video ? `${video.codec_name} ${video.width}x${video.height}` : 'none';
}

describe('a quality plays, from its playlist and from the master', () => {
  for (const [containerType, extension] of [
    ['mpegts', 'ts'],
    ['fmp4', 'm4s'],
  ] as const) {
    test(`HLS in ${containerType}`, async () => {
      const { outcome, media, quality, entry } = await encode(clip, { quality: { containerType } });
      assert.deepEqual(outcome, { ok: true });
      assert.deepEqual(await writePlaylists(media, [quality]), { ok: true });

      const playlist = await readFile(entry, 'utf8');
      assert.match(playlist, /#EXT-X-PLAYLIST-TYPE:VOD[\s\S]*#EXT-X-INDEPENDENT-SEGMENTS/);
      assert.deepEqual(playlist.match(/#EXTINF:.*/g), ['#EXTINF:1.000000,', '#EXTINF:1.000000,']);
      assert.ok(playlist.includes(`segment-00001.${extension}`));

      const master = await readFile(hlsMasterFile(media), 'utf8');
      assert.match(
        master,
        /CODECS="avc1\.64[0-9a-f]{4},mp4a\.40\.2",RESOLUTION=426x240,FRAME-RATE=25\.000,VIDEO-RANGE=SDR/,
      );
      assert.equal(await decode(hlsMasterFile(media)), '');
      assert.equal(await pictureIn(hlsMasterFile(media)), 'h264 426x240');
      assert.deepEqual(await readdir(workDir(media)), [], 'nothing unfinished is left');
    });
  }

  test('H.265 is in fragmented MP4 and tagged for Apple’s players, and HLS and DASH name the same codec', async () => {
    const h265 = { videoCodec: 'h265', resolution: '144p' } as const;
    const { outcome, quality, media, entry } = await encode(clip, { quality: h265 });
    assert.deepEqual(outcome, { ok: true });
    assert.equal(await pictureIn(entry), 'hevc 256x144');
    assert.equal(await decode(entry), '');
    const codecIn = async (file: string) => /hvc1[0-9A-Z.]*/.exec(await readFile(file, 'utf8'))?.[0];
    const hls = await codecIn(join(qualityDir(media, quality), 'stream.m3u8'));
    assert.match(hls ?? '', /^hvc1\.1\.6\.L\d+\.90$/);
    const dash = await encode(clip, { quality: { ...h265, type: 'dash', containerType: 'fmp4' } });
    assert.equal(await codecIn(dash.entry), hls);
  });
});

describe('a picture', () => {
  test('is not enlarged, and keeps an odd shape', async () => {
    const odd = await makeClip(dir, 'odd.mkv', {
      seconds: 1,
      picture: { size: '401x227' },
      args: ['-pix_fmt', 'yuv444p'],
    });
    const { outcome, entry } = await encode(odd, { quality: { resolution: '1080p' } });
    assert.deepEqual(outcome, { ok: true });
    assert.equal(await pictureIn(entry), 'h264 400x226');
  });

  test('of a portrait video stays portrait', async () => {
    const sideways = await remakeClip(dir, 'sideways.mp4', [clip], ['-metadata:s:v', 'rotate=90']);
    const { outcome, entry } = await encode(sideways);
    assert.deepEqual(outcome, { ok: true });
    assert.equal(await pictureIn(entry), 'h264 240x426');
  });

  test('may come without sound', async () => {
    const silent = await makeClip(dir, 'silent.mp4', {
      seconds: 1,
      picture: { size: '320x180' },
      tone: false,
    });
    const { outcome, entry } = await encode(silent);
    assert.deepEqual(outcome, { ok: true });
    assert.deepEqual(
      (await see(entry)).streams.map((stream) => stream.codec_type),
      ['video'],
    );
  });
});

describe('sound alone', () => {
  for (const name of ['tone.mp3', 'tone.wav']) {
    test(name, async () => {
      const tone = await makeClip(dir, name, { seconds: 1 });
      const { outcome, media, quality } = await encode(tone, { mediaType: 'audio' });
      assert.deepEqual(outcome, { ok: true });
      await writePlaylists(media, [quality]);
      const { streams } = await see(hlsMasterFile(media));
      assert.deepEqual(
        streams.map((stream) => stream.codec_name),
        ['aac'],
      );
      assert.equal(await decode(hlsMasterFile(media)), '');
    });
  }

  test('is taken from a video for an audio media, and a silent video is refused', async () => {
    const { outcome, entry } = await encode(clip, { mediaType: 'audio' });
    assert.deepEqual(outcome, { ok: true });
    assert.equal(await pictureIn(entry), 'none');

    const silent = await makeClip(dir, 'mute.mp4', { seconds: 1, picture: { size: '64x64' }, tone: false });
    assert.deepEqual((await encode(silent, { mediaType: 'audio' })).outcome, {
      ok: false,
      kind: 'failed',
      reason: 'the file contains no audio',
    });
  });
});

describe('an encode', () => {
  test('reports progress that never falls, and 100 once the quality is in its final directory', async () => {
    const seen: [percent: number, isInPlace: boolean][] = [];
    const media = await mkdtemp(join(dir, 'media-'));
    const entry = qualityEntryFile(media, { position: 0, resolution: '240p', type: 'hls' });
    await encode(clip, {
      mediaDir: media,
      onProgress: (percent) => seen.push([percent, existsSync(entry)]),
    });
    const percents = seen.map(([percent]) => percent);
    assert.deepEqual(
      percents,
      percents.toSorted((a, b) => a - b),
    );
    assert.deepEqual(seen.at(-1), [100, true]);
  });

  test('replaces the quality of an earlier encode', async () => {
    const { media, entry, quality } = await encode(clip);
    const stale = join(qualityDir(media, quality), 'stale.ts');
    await writeFile(stale, 'of a service that was killed');
    assert.deepEqual((await encode(clip, { mediaDir: media })).outcome, { ok: true });
    assert.equal(existsSync(stale), false);
    assert.equal(await decode(entry), '');
  });

  test('that is aborted kills ffmpeg, and leaves nothing', async () => {
    const long = await makeClip(dir, 'long.mp4', { seconds: 60, picture: { size: '640x360', rate: 60 } });
    const abort = new AbortController();
    let running: string[] = [];
    const { outcome, media } = await encode(long, {
      signal: abort.signal,
      onProgress: () => {
        // A small process of the service starts all programs.
        running = childrenOf(process.pid).flatMap((launcher) => childrenOf(Number(launcher)));
        abort.abort();
      },
    });
    assert.equal(outcome.ok ? '' : outcome.kind, 'aborted');
    assert.equal(running.length, 1);
    assert.ok(running.every((pid) => !existsSync(`/proc/${pid}`)));
    assert.deepEqual([await readdir(workDir(media)), existsSync(publicDir(media))], [[], false]);
    assert.equal(
      (await encode(clip, { signal: AbortSignal.abort() })).outcome.ok,
      false,
      'aborted before it began',
    );
  });

  test('of a truncated file ends where the file ends', async () => {
    const broken = await makeClip(dir, 'broken.ts', { seconds: 2, picture: { size: '320x180' } });
    await truncate(broken, 60_000);
    assert.deepEqual((await encode(broken)).outcome, { ok: true });
  });

  test('does not decode a frame that is too large, whatever the probe found', async () => {
    const { outcome } = await encode(clip, { limits: { ...DEFAULT_MEDIA_LIMITS, maxPixels: 1_000 } });
    const reason = 'the picture is 640×360 pixels large; at most 1000 pixels are accepted';
    assert.deepEqual(outcome, { ok: false, kind: 'failed', reason });
  });

  test('of a file whose sound is noise keeps the picture', async () => {
    const coded = await remakeClip(dir, 'flac.mkv', [clip], ['-c:a', 'flac']);
    const noise = await remakeClip(dir, 'noise-flac.mkv', [coded], ['-bsf:a', 'noise=amount=1']);
    const { outcome, entry } = await encode(noise, { quality: { type: 'dash', containerType: 'fmp4' } });
    assert.deepEqual(outcome, { ok: true });
    assert.equal(await pictureIn(entry), 'h264 426x240');
  });

  test('of a file whose picture is noise has its sound, and fails if the sound is noise, too', async () => {
    const coded = await remakeClip(dir, 'coded.mkv', [clip], ['-c:v', 'ffv1', '-c:a', 'flac']);
    const noise = (name: string, ...streams: readonly string[]) =>
      remakeClip(
        dir,
        name,
        [coded],
        streams.flatMap((stream) => [`-bsf:${stream}`, 'noise=amount=1']),
      );
    const { outcome, entry } = await encode(await noise('picture.mkv', 'v'));
    assert.deepEqual(outcome, { ok: true });
    assert.equal(await pictureIn(entry), 'none');
    const { signal } = new AbortController();
    const programs = { ffmpegPath: FFMPEG, ffprobePath: FFPROBE, signal, limits: DEFAULT_MEDIA_LIMITS };
    const both = await probe(await noise('both.mkv', 'v', 'a'), programs);
    assert.equal(both.ok ? 'ok' : both.reason, 'the picture or the sound of the file cannot be decoded');
  });
});

test('a disk is never filled to the last byte', async () => {
  const { outcome } = await encode(clip, { minFreeBytes: Number.MAX_SAFE_INTEGER });
  assert.equal(outcome.ok ? 'ok' : outcome.kind, 'no-space');
});

function childrenOf(pid: number): string[] {
  return execFileSync('cat', [`/proc/${pid}/task/${pid}/children`], { encoding: 'utf8' })
    .split(' ')
    .filter((child) => child !== '' && existsSync(`/proc/${child}`));
}
