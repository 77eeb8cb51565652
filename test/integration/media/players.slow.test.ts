import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { assertPlaylists } from '../../../src/media/encoding/testing/playlist-rules/assert-playlists.ts';
import { FFMPEG } from '../../../src/media/encoding/testing/sample-clips.ts';
import { publicDir } from '../../../src/media/files/media-files.ts';
import { eventually } from '../../../src/platform/testing/eventually.ts';
import { Missing } from '../../support/docs/downloads.ts';
import { makeClip } from '../../support/media/clips.ts';
import { encodeMedia, type QualityChoice } from '../../support/media/encoded-media.ts';
import { type Played, type Player, Players } from '../../support/players/players.ts';
import { startTestService } from '../../support/service/service.ts';

const run = promisify(execFile);

const picture = (seconds: number, rate = 30) => [
  '-f',
  'lavfi',
  '-i',
  `testsrc2=s=256x144:r=${rate}:d=${seconds}`,
];
const sound = (seconds: number) => ['-f', 'lavfi', '-i', `sine=frequency=440:duration=${seconds}`];
const CODECS = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-c:a', 'aac'];

/** Kinds of media, with ffmpeg's arguments for making one. The segments of all encodes last a second. */
const KINDS: Record<string, { file: string; args: string[]; isSilent?: true; isSound?: true }> = {
  'an ordinary clip': {
    file: 'ordinary.mp4',
    args: [...picture(3), ...sound(3), ...CODECS, '-metadata:s:a:0', 'language=ger'],
  },
  'sound that starts late': {
    file: 'late-sound.mkv',
    args: [...picture(4), '-itsoffset', '2.4', ...sound(1.6), ...CODECS],
  },
  'sound that ends early': { file: 'early-end.mp4', args: [...picture(4), ...sound(1.2), ...CODECS] },
  'a picture that starts late': {
    file: 'late-picture.mkv',
    args: ['-itsoffset', '1.6', ...picture(2), ...sound(3.6), ...CODECS],
  },
  'a picture that ends early': { file: 'early-picture.mp4', args: [...picture(1.4), ...sound(4), ...CODECS] },
  'one frame and a song': {
    file: 'song.mp4',
    args: [...picture(1 / 30), ...sound(3), ...CODECS],
  },
  'a picture that is shorter than a frame': {
    file: 'short.mp4',
    args: [...picture(1 / 60, 60), ...CODECS],
    isSilent: true,
  },
  'a last segment of four frames': {
    file: 'four-frames.mp4',
    args: [...picture(2 + 4 / 30, 30), ...sound(2 + 4 / 30), ...CODECS],
  },
  'a picture that changes once a second': {
    file: 'slides.mp4',
    args: [...picture(3, 1), ...sound(3), ...CODECS],
  },
  'a picture that stands still in between': {
    file: 'still.mkv',
    args: [...picture(4), ...sound(4), '-vf', "select='lt(t,1)+gt(t,3)'", '-fps_mode', 'vfr', ...CODECS],
  },
  'sound alone': { file: 'sound.m4a', args: [...sound(3), ...CODECS], isSound: true },
  'sound that is shorter than a frame': { file: 'blip.wav', args: sound(0.015), isSound: true },
};

/** Formats with the paths of the files that players open, and the players that open them. */
const FORMATS: Record<
  string,
  { quality: QualityChoice; others?: QualityChoice[]; mp4?: boolean; plays: [Player, string][] }
> = {
  'HLS in transport streams': {
    quality: { type: 'hls', containerType: 'mpegts' },
    plays: [
      ['chromium', 'hls/master.m3u8'],
      ['hls.js', 'hls/master.m3u8'],
    ],
  },
  'HLS in fragmented MP4': {
    quality: { type: 'hls', containerType: 'mp4' },
    plays: [
      ['chromium', 'hls/master.m3u8'],
      ['hls.js', 'hls/master.m3u8'],
      ['shaka', 'hls/master.m3u8'],
    ],
  },
  'HLS that uses the segments of DASH, and its MP4': {
    quality: { type: 'hls', containerType: 'mp4' },
    others: [{ type: 'dash', containerType: 'fmp4' }],
    mp4: true,
    plays: [
      ['chromium', 'hls/master.m3u8'],
      ['hls.js', 'hls/master.m3u8'],
      ['shaka', 'hls/master.m3u8'],
      ['chromium', 'download.mp4'],
    ],
  },
  'DASH, and its MP4': {
    quality: { type: 'dash', containerType: 'fmp4' },
    mp4: true,
    plays: [
      ['dash.js', 'dash/manifest.mpd'],
      ['shaka', 'dash/manifest.mpd'],
      ['chromium', 'download.mp4'],
    ],
  },
};

/** Seconds by which the times that a player tells may differ from those of the media. */
const TOLERANCE = 0.1;

let dir: string;
let players: Players | Missing;

before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'mediahooks-players-'));
  players = await Players.start(dir).catch((error) => {
    if (!(error instanceof Missing)) throw error;
    return error;
  });
});

after(async () => {
  if (players instanceof Players) await players.stop();
  await rm(dir, { recursive: true });
});

describe('every player plays to the end', { concurrency: 4 }, () => {
  for (const [kind, { file, args, isSilent, isSound }] of Object.entries(KINDS)) {
    describe(kind, { concurrency: true }, () => {
      before(async () => {
        await run(FFMPEG, ['-v', 'error', ...args, join(dir, file)]);
      });
      for (const [format, { quality, others = [], mp4 = false, plays }] of Object.entries(FORMATS)) {
        const name = [file, quality.type, quality.containerType, ...others.map(({ type }) => type)].join('-');
        test(format, async (t) => {
          const mediaDir = join(dir, name);
          const source = join(dir, file);
          const { durationSeconds: seconds } = await encodeMedia(source, {
            mediaDir,
            qualities: [quality, ...others],
            mp4,
          });
          await assertPlaylists(publicDir(mediaDir));
          if (players instanceof Missing) return t.skip(players.message);
          const chromium = players;
          const expected = { seconds, isSilent: isSilent === true, isSound: isSound === true };
          const wrong = plays.map(async ([player, path]) => {
            const played = await chromium.play(player, `${name}/public/${path}`);
            return faultsOf(played, expected).map((fault) => `${player}, ${path}: ${fault}`);
          });
          assert.deepEqual((await Promise.all(wrong)).flat(), []);
        });
      }
    });
  }
});

test('the page of the service plays a media, without scripts', async (t) => {
  if (players instanceof Missing) return t.skip(players.message);
  const service = await startTestService();
  try {
    const qualities = [{ resolution: '144p' }, { resolution: '240p' }];
    const id = await service.client.upload(await makeClip({ seconds: 2 }), { qualities });
    const media = await eventually('the media is done', async () => {
      const { data } = await service.client.expect(200, 'GET', `/media/${id}`);
      return data.status === 'done' && data;
    });
    const page = await players.open(media.assets.hls_player_url);
    const played = await page.evaluate<number>(`new Promise((resolve, reject) => {
      const video = document.querySelector('video');
      video.muted = true;
      video.playbackRate = 16;
      video.onended = () => resolve(video.currentTime);
      video.onerror = () => reject(new Error(video.error.message));
      video.play().catch(reject);
    })`);
    assert.ok(Math.abs(played - media.duration) <= TOLERANCE, `${played} of ${media.duration} s`);
  } finally {
    await service.stop();
  }
});

/** Returns what a viewer would miss. */
function faultsOf(
  played: Played,
  expected: { readonly seconds: number; readonly isSilent: boolean; readonly isSound: boolean },
): string[] {
  const { seconds } = expected;
  const faults = [...played.errors];
  const isNear = (time: number) => Math.abs(time - seconds) <= TOLERANCE;
  if (!played.hasEnded) faults.push(`it stops at ${played.currentTime} of ${seconds} s`);
  if (!isNear(played.currentTime)) faults.push(`it ends at ${played.currentTime} of ${seconds} s`);
  if (!isNear(played.duration))
    faults.push(`it says that the media lasts ${played.duration} of ${seconds} s`);
  const heard = played.played.reduce((total, [start, end]) => total + end - start, 0);
  if (heard < seconds - TOLERANCE) faults.push(`it plays only ${JSON.stringify(played.played)}`);
  const [range, ...more] = played.buffered;
  if (more.length > 0) faults.push(`it has gaps: ${JSON.stringify(played.buffered)}`);
  // Chromium's own player plays to the end before it says that it has loaded the last packets of a stream.
  const isLoaded = played.player === 'chromium' || (range?.[1] ?? 0) >= seconds - TOLERANCE;
  if (range && (range[0] > TOLERANCE || !isLoaded)) faults.push(`it has loaded only ${range}`);
  if (expected.isSound === played.videoWidth > 0)
    faults.push(`the picture is ${played.videoWidth} pixels wide`);
  if (!expected.isSound && played.frames === 0) faults.push('no picture is decoded');
  if (expected.isSilent === played.soundBytes > 0)
    faults.push(`${played.soundBytes} bytes of sound are decoded`);
  return faults;
}
