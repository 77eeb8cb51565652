import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import type { Quality } from '../../domain/media.ts';
import { DEFAULT_MEDIA_LIMITS as limits } from '../../domain/media-limits.ts';
import {
  customThumbnailFile,
  dashManifestFile,
  downloadFile,
  qualityEntryFile,
  thumbnailFile,
} from '../files/media-files.ts';
import { makeCustomThumbnail, makeMp4, makeThumbnail } from './derived-files.ts';
import { encodeQuality } from './encode-quality.ts';
import { probe } from './source/probe.ts';
import { cmykJpeg } from './testing/cmyk-jpeg.ts';
import { assertAllPlaylists } from './testing/playlist-rules/assert-playlists.ts';
import { decode, FFMPEG, FFPROBE, makeClip, remakeClip, see } from './testing/sample-clips.ts';
import { bestQuality, writePlaylists } from './write-playlists.ts';

let dir = '';
let clip = '';
before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'packaging-'));
  clip = await makeClip(dir, 'clip.mp4', { seconds: 2, picture: { size: '640x360' } });
});
after(async () => {
  try {
    await assertAllPlaylists(dir);
  } finally {
    await rm(dir, { recursive: true });
  }
});

const signal = new AbortController().signal;

async function probed(source: string) {
  const outcome = await probe(source, { ffmpegPath: FFMPEG, ffprobePath: FFPROBE, signal, limits });
  assert.ok(outcome.ok);
  return outcome.probe;
}

async function newMedia() {
  const mediaDir = await mkdtemp(join(dir, 'media-'));
  return { mediaDir, ffmpegPath: FFMPEG, signal, limits, minFreeBytes: 0 };
}

const quality = {
  position: 0,
  resolution: '240p',
  type: 'dash',
  containerType: 'fmp4',
  videoCodec: 'h264',
  videoBitrate: null,
  audioCodec: 'aac',
  audioBitrate: null,
} as const satisfies Omit<Quality, 'status'>;

test('DASH qualities play from one manifest, and the best becomes an MP4', async () => {
  const media = await newMedia();
  const encode = async (wanted: Omit<Quality, 'status'>) => {
    const options = { ...media, source: clip, probe: await probed(clip), mediaType: 'video' as const };
    assert.deepEqual(await encodeQuality({ ...options, quality: wanted, segmentDuration: 1 }), { ok: true });
    return wanted;
  };
  const finished = [
    await encode(quality),
    await encode({ ...quality, position: 1, resolution: '144p' }),
    await encode({ ...quality, position: 2, resolution: '144p', videoCodec: 'h265' }),
  ];
  assert.deepEqual(await writePlaylists(media.mediaDir, finished), { ok: true });

  const manifest = dashManifestFile(media.mediaDir);
  const { streams, seconds } = await see(manifest);
  assert.deepEqual(
    streams.map(({ codec_name, height }) => `${codec_name} ${height ?? ''}`.trim()),
    ['h264 240', 'h264 144', 'hevc 144', 'aac'],
  );
  assert.ok(Math.abs(seconds - 2) < 0.2);
  assert.equal(await decode(manifest), '');
  assert.match(await readFile(manifest, 'utf8'), /codecs="hvc1\.1\.6\.L\d+\.90"/);

  assert.deepEqual(await makeMp4(finished, media), { ok: true });
  const mp4 = await readFile(downloadFile(media.mediaDir));
  assert.ok(mp4.indexOf('moov') < mp4.indexOf('mdat'), 'it can be played while it loads');
  assert.equal(await decode(downloadFile(media.mediaDir)), '');
  assert.deepEqual(
    (await see(downloadFile(media.mediaDir))).streams.map((stream) => stream.height ?? 0),
    [240, 0],
  );
});

for (const containerType of ['mpegts', 'fmp4'] as const) {
  test(`an MP4 is made from HLS in ${containerType}`, async () => {
    const media = await newMedia();
    const wanted = { ...quality, type: 'hls' as const, containerType };
    const options = { ...media, source: clip, probe: await probed(clip), mediaType: 'video' as const };
    await encodeQuality({ ...options, quality: wanted, segmentDuration: 1 });
    assert.ok(existsSync(qualityEntryFile(media.mediaDir, wanted)));
    assert.deepEqual(await makeMp4([wanted], media), { ok: true });
    assert.equal(await decode(downloadFile(media.mediaDir)), '');
    assert.ok(Math.abs((await see(downloadFile(media.mediaDir))).seconds - 2) < 0.2);
  });
}

for (const [segments, args] of [
  ['transport streams', ['-hls_segment_filename', 'segment-%05d.ts']],
  ['fragmented MP4', ['-hls_segment_type', 'fmp4', '-hls_segment_filename', 'segment-%05d.m4s']],
] as const) {
  test(`an MP4 of ${segments} with the times of older versions begins with its picture at 0`, async () => {
    const media = await newMedia();
    const wanted = { ...quality, type: 'hls' as const };
    const entry = qualityEntryFile(media.mediaDir, wanted);
    await mkdir(dirname(entry), { recursive: true });
    const copy = ['-v', 'error', '-i', clip, '-c', 'copy', '-f', 'hls', '-hls_playlist_type', 'vod'];
    await promisify(execFile)(FFMPEG, [...copy, ...args, entry], { cwd: dirname(entry) });
    assert.deepEqual(await makeMp4([wanted], media), { ok: true });
    const file = downloadFile(media.mediaDir);
    const [pictures, sounds] = [await shownTimes(file, 'v'), await shownTimes(file, 'a')];
    assert.ok(Math.abs(pictures[0] ?? 1) <= 0.001, `the picture begins at ${pictures[0]}`);
    // Times of an older version are rounded, so that a few samples of the frame before may remain.
    const second = sounds.find((time) => time > -0.001);
    assert.ok(Math.abs(second ?? 1) <= 0.001, `the sound begins at ${second}`);
  });
}

/** Returns when the packets of a stream are shown, in seconds. Those that an edit list leaves out have the flag D. */
async function shownTimes(file: string, stream: string): Promise<number[]> {
  const entries = ['-of', 'csv=p=0', '-select_streams', stream, '-show_entries', 'packet=pts_time,flags'];
  const { stdout } = await promisify(execFile)(FFPROBE, ['-v', 'error', ...entries, file]);
  const shown = stdout.split('\n').filter((line) => line !== '' && !line.includes('D'));
  return shown.map((line) => Number(line.split(',')[0])).sort((a, b) => a - b);
}

test('the best quality is the largest, then the one that plays everywhere', () => {
  const h265 = { ...quality, resolution: '720p', videoCodec: 'h265' } as const;
  const h264 = { ...quality, resolution: '720p', position: 3 } as const;
  assert.equal(bestQuality([quality, h265, h264]), h264);
  assert.equal(bestQuality([]), undefined);
});

test('a thumbnail is a JPEG of at most 1280 pixels, as the video is displayed', async () => {
  const media = await newMedia();
  const wide = await makeClip(dir, 'wide.mp4', {
    seconds: 1,
    picture: { size: '1920x1080' },
    args: ['-vf', 'setsar=4/3'],
  });
  assert.deepEqual(await makeThumbnail(await probed(wide), { ...media, source: wide }), { ok: true });
  const bytes = await readFile(thumbnailFile(media.mediaDir));
  assert.equal(bytes.subarray(0, 3).toString('hex'), 'ffd8ff');
  const [picture] = (await see(thumbnailFile(media.mediaDir))).streams;
  assert.deepEqual([picture?.codec_name, picture?.width, picture?.height], ['mjpeg', 1280, 540]);
});

test('a thumbnail is made of a single frame, despite a wrong duration, and of a cover', async () => {
  const media = await newMedia();
  const frame = await makeClip(dir, 'frame.mp4', { seconds: 0.04, picture: { size: '64x64' }, tone: false });
  assert.deepEqual(await makeThumbnail(await probed(frame), { ...media, source: frame }), { ok: true });

  const overstated = { ...(await probed(clip)), durationSeconds: 5000 };
  assert.deepEqual(await makeThumbnail(overstated, { ...media, source: clip }), { ok: true });

  const tone = await makeClip(dir, 'tone.mp3', { seconds: 1 });
  const cover = await remakeClip(dir, 'cover.png', [frame], ['-c:v', 'png', '-frames:v', '1']);
  const covered = await remakeClip(
    dir,
    'covered.mp3',
    [tone, cover],
    [...['-map', '0', '-map', '1', '-disposition:v', 'attached_pic']],
  );
  assert.deepEqual(await makeThumbnail(await probed(covered), { ...media, source: covered }), { ok: true });

  const none = await makeThumbnail(await probed(tone), { ...media, source: tone });
  assert.equal(none.ok ? '' : none.kind, 'failed');
});

test('an account’s own picture becomes a JPEG; any other file is refused', async () => {
  const media = await newMedia();
  const picture = await remakeClip(dir, 'own.png', [clip], ['-c:v', 'png', '-frames:v', '1']);
  assert.deepEqual(await makeCustomThumbnail(picture, media), { ok: true });
  assert.equal((await see(customThumbnailFile(media.mediaDir))).streams[0]?.codec_name, 'mjpeg');

  const run = promisify(execFile);
  const half = ['-f', 'lavfi', '-i', 'color=white@0.5:s=64x48,format=rgba', '-frames:v', '1'];
  await run(FFMPEG, ['-v', 'error', ...half, join(dir, 'half.png')]);
  assert.deepEqual(await makeCustomThumbnail(join(dir, 'half.png'), media), { ok: true });
  const toGrey = [
    '-v',
    'error',
    '-i',
    customThumbnailFile(media.mediaDir),
    '-pix_fmt',
    'gray',
    '-f',
    'rawvideo',
    '-',
  ];
  const { stdout } = await run(FFMPEG, toGrey, { encoding: 'buffer' });
  assert.ok(Math.abs((stdout[0] ?? 0) - 128) <= 2, `half transparent white over black is ${stdout[0]}`);

  for (const content of [
    '<svg xmlns="http://www.w3.org/2000/svg"/>',
    '#EXTM3U\n#EXTINF:1,\n/etc/passwd\n',
    '',
  ]) {
    const file = join(dir, 'none.png');
    await writeFile(file, content);
    const refused = await makeCustomThumbnail(file, media);
    assert.equal(refused.ok ? '' : refused.kind, 'failed', content);
  }
});

test('a picture in CMYK has the colours of its inks', async () => {
  const media = await newMedia();
  const inks: readonly (readonly [Parameters<typeof cmykJpeg>[0], readonly number[]])[] = [
    [
      [255, 0, 0, 0],
      [0, 255, 255],
    ],
    [
      [0, 155, 155, 127],
      [128, 50, 50],
    ],
  ];
  for (const [ink, expected] of inks) {
    const file = join(dir, 'ink.jpg');
    await writeFile(file, cmykJpeg(ink));
    assert.deepEqual(await makeCustomThumbnail(file, media), { ok: true });
    const raw = [
      '-v',
      'error',
      '-i',
      customThumbnailFile(media.mediaDir),
      '-pix_fmt',
      'rgb24',
      '-f',
      'rawvideo',
      '-',
    ];
    const { stdout } = await promisify(execFile)(FFMPEG, raw, { encoding: 'buffer' });
    const isNear = expected.every((value, n) => Math.abs(value - (stdout[n] ?? -99)) <= 4);
    assert.ok(isNear, `${ink} became ${[...stdout.subarray(0, 3)]}`);
  }
});

test('an MP4 that is shorter than its quality is not kept', async () => {
  const media = await newMedia();
  const encoded = {
    ...media,
    source: clip,
    probe: await probed(clip),
    mediaType: 'video',
    segmentDuration: 1,
  } as const;
  const hls = { ...quality, type: 'hls', containerType: 'mpegts' } as const;
  assert.deepEqual(await encodeQuality({ ...encoded, quality: hls }), { ok: true });
  const entry = qualityEntryFile(media.mediaDir, hls);
  const playlist = await readFile(entry, 'utf8');
  await writeFile(entry, playlist.replace(/EXTINF:[\d.]+/, 'EXTINF:9.0'));
  const made = await makeMp4([hls], media);
  assert.equal(made.ok ? 'ok' : made.kind, 'killed');
  assert.ok(!existsSync(downloadFile(media.mediaDir)));
  // All playlists of the other tests are held against their specifications.
  await rm(media.mediaDir, { recursive: true });
});
