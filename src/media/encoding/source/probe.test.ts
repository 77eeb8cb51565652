import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { DEFAULT_MEDIA_LIMITS, type MediaLimits } from '../../../domain/media-limits.ts';
import { FFMPEG, FFPROBE, makeClip, remakeClip } from '../testing/sample-clips.ts';
import { probe } from './probe.ts';

let dir = '';
before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'probe-'));
});
after(() => rm(dir, { recursive: true }));

const options = {
  ffmpegPath: FFMPEG,
  ffprobePath: FFPROBE,
  signal: new AbortController().signal,
  limits: DEFAULT_MEDIA_LIMITS,
};

async function probed(file: string) {
  const outcome = await probe(file, options);
  assert.ok(outcome.ok, outcome.ok ? '' : outcome.reason);
  return outcome.probe;
}

test('a phone’s portrait video has its displayed dimensions', async () => {
  const clip = await makeClip(dir, 'clip.mp4', { seconds: 1, picture: { size: '640x360', rate: 25 } });
  const sideways = await remakeClip(dir, 'sideways.mp4', [clip], ['-metadata:s:v', 'rotate=90']);
  const { video, durationSeconds } = await probed(sideways);
  assert.deepEqual([video?.width, video?.height, video?.frameRate], [360, 640, 25]);
  assert.ok(Math.abs(durationSeconds - 1) < 0.1);
});

test('a recording without a duration in its header is measured', async () => {
  const clip = await makeClip(dir, 'live.mkv', {
    seconds: 2,
    picture: { size: '64x64' },
    args: ['-f', 'matroska', '-live', '1'],
  });
  assert.ok(Math.abs((await probed(clip)).durationSeconds - 2) < 0.1);
});

test('an MP3 with a cover has sound and no video', async () => {
  const tone = await makeClip(dir, 'tone.mp3', { seconds: 1 });
  const cover = await makeClip(dir, 'cover.mp4', { seconds: 0.04, picture: { size: '64x64' }, tone: false });
  const picture = await makeCover(cover);
  const covered = await remakeClip(
    dir,
    'covered.mp3',
    [tone, picture],
    [...['-map', '0', '-map', '1', '-disposition:v', 'attached_pic']],
  );
  const { video, audio, coverStream } = await probed(covered);
  assert.deepEqual([video, audio?.codec, coverStream], [null, 'mp3', 1]);
});

async function makeCover(clip: string): Promise<string> {
  return remakeClip(dir, 'cover.jpg', [clip], ['-c:v', 'mjpeg', '-pix_fmt', 'yuvj420p', '-frames:v', '1']);
}

test('a file beyond the limits in force is refused, whether its duration is stated or measured', async () => {
  const picture = { size: '128x64' };
  const clip = await makeClip(dir, 'small.mp4', { seconds: 2, picture });
  const live = ['-f', 'matroska', '-live', '1'];
  const measured = await makeClip(dir, 'small.mkv', { seconds: 2, picture, args: live });
  const refusal = async (file: string, limits: Partial<MediaLimits>) => {
    const outcome = await probe(file, { ...options, limits: { ...DEFAULT_MEDIA_LIMITS, ...limits } });
    return outcome.ok ? null : outcome.reason;
  };
  for (const file of [clip, measured]) {
    assert.equal(await refusal(file, { maxPixels: 128 * 64, maxDurationSeconds: 3 }), null);
    const large = /^the picture is 128×64 pixels large; at most 8191 pixels are accepted/;
    assert.match((await refusal(file, { maxPixels: 128 * 64 - 1 })) ?? '', large);
    const long = 'the file lasts 2 seconds; at most 1 are accepted';
    assert.equal(await refusal(file, { maxDurationSeconds: 1 }), long);
  }
});

test('a file that is not media fails with a reason that names no path', async () => {
  const cases = [
    ['text.mp4', 'once upon a time\n'.repeat(100)],
    ['empty.mp4', ''],
    ['source', '#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n/etc/passwd\n#EXT-X-ENDLIST\n'],
    ['list.mp4', "ffconcat version 1.0\nfile '/etc/passwd'\n"],
    ['subtitle.srt', '1\n00:00:00,000 --> 00:00:01,000\nroot\n'],
  ] as const;
  for (const [name, content] of cases) {
    const file = join(dir, name);
    await writeFile(file, content);
    assert.deepEqual(
      await probe(file, options),
      { ok: false, kind: 'failed', reason: 'the file is damaged, or of a format that is not accepted' },
      name,
    );
  }
});

test('a missing program is not the file’s fault', async () => {
  await assert.rejects(
    probe('/nowhere', { ...options, ffprobePath: '/nowhere/ffprobe' }),
    /could not be started/,
  );
});
