import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { readSegmentPlaylist } from '../playlists/segment-playlist.ts';
import { FFMPEG, FFPROBE } from '../testing/sample-clips.ts';
import { encodedTracks } from './encoded-tracks.ts';
import { tracksOfTransportStream } from './transport-stream.ts';

const run = promisify(execFile);

let dir = '';
before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tracks-'));
});
after(() => rm(dir, { recursive: true }));

const PICTURE = ['-f', 'lavfi', '-i', 'testsrc2=s=128x72:r=25:d=1'];
const SOUND = ['-f', 'lavfi', '-i', 'sine=d=1'];
/** Sound of which no sample ever comes. */
const NO_SOUND = ['-f', 'lavfi', '-i', 'anullsrc=d=1,aselect=0'];
const H264 = ['-c:v', 'libx264', '-preset', 'superfast', '-pix_fmt', 'yuv420p', '-c:a', 'aac'];
const H265 = ['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', 'log-level=none', '-tag:v', 'hvc1'];

/** Makes HLS, and returns the codec strings of its tracks, together with what ffprobe says about them. */
async function codecsOf(args: readonly string[], segmentType: 'mpegts' | 'fmp4') {
  const directory = await mkdtemp(join(dir, 'hls-'));
  const hls = ['-f', 'hls', '-hls_segment_type', segmentType, '-hls_playlist_type', 'vod', 'index.m3u8'];
  await run(FFMPEG, ['-v', 'error', ...args, ...hls], { cwd: directory });
  const playlist = readSegmentPlaylist(await readFile(join(directory, 'index.m3u8'), 'utf8'));
  assert.ok(playlist);
  const tracks = await encodedTracks(directory, playlist, 2);
  return { codecs: tracks.map(({ codec }) => codec), seen: await seen(join(directory, 'index.m3u8')) };
}

/** Returns profile and level of the picture as ffprobe, an independent reader, finds them. */
async function seen(file: string): Promise<{ profile: string; level: number }> {
  const entries = ['-select_streams', 'v', '-show_entries', 'stream=profile,level', '-of', 'json'];
  const { stdout } = await run(FFPROBE, ['-v', 'error', ...entries, file]);
  return JSON.parse(stdout).streams[0];
}

for (const segmentType of ['mpegts', 'fmp4'] as const) {
  test(`codec strings of H.264 and AAC in ${segmentType} are those of the encoded streams`, async () => {
    for (const [profile, level, codec] of [
      ['high', '3.1', 'avc1.64001f'],
      ['main', '4.0', 'avc1.4d4028'],
      ['baseline', '1.3', 'avc1.42c00d'],
    ] as const) {
      const wanted = ['-profile:v', profile, '-level', level];
      const { codecs, seen } = await codecsOf([...PICTURE, ...SOUND, ...H264, ...wanted], segmentType);
      assert.deepEqual(codecs, [codec, 'mp4a.40.2']);
      assert.equal(seen.level, Number.parseInt(codec.slice(-2), 16));
    }
  });

  test(`a declared track of which nothing came is not found in ${segmentType}`, async () => {
    const { codecs } = await codecsOf(
      [...PICTURE, ...NO_SOUND, '-map', '0', '-map', '1', ...H264, '-profile:v', 'main', '-level', '3.0'],
      segmentType,
    );
    assert.deepEqual(codecs, ['avc1.4d401e']);
  });
}

test('the codec string of H.265 names profile, tier and level of the stream', async () => {
  for (const [format, codec] of [
    ['yuv420p', /^hvc1\.1\.6\.L\d+\.90$/],
    ['yuv420p10le', /^hvc1\.2\.4\.L\d+\.90$/],
  ] as const) {
    const { codecs, seen } = await codecsOf([...PICTURE, ...H265, '-pix_fmt', format], 'fmp4');
    assert.match(codecs[0] ?? '', codec);
    assert.equal(seen.level, Number(/L(\d+)/.exec(codecs[0] ?? '')?.[1]));
  }
});

test('a transport stream that is cut off, or other bytes, are read as far as it goes', async () => {
  const file = join(dir, 'whole.ts');
  await run(FFMPEG, ['-v', 'error', ...PICTURE, ...SOUND, ...H264, file]);
  const whole = await readFile(file);
  const found = tracksOfTransportStream(whole);
  assert.deepEqual([found.tracks.length, found.isWhole], [2, true]);
  for (const length of [0, 1, 187, 188, 376, 500, 1000]) {
    const cut = tracksOfTransportStream(whole.subarray(0, length));
    assert.equal(cut.tracks.length < 2 && !cut.isWhole, true, String(length));
  }
  assert.deepEqual(tracksOfTransportStream(Buffer.alloc(1880, 0x47)).tracks, []);
  await writeFile(join(dir, 'none.m4s'), 'no media at all');
  const none = { init: 'none.m4s', segments: [{ uri: 'none.m4s', duration: 1 }] };
  assert.deepEqual(await encodedTracks(dir, none, 2), []);
});
