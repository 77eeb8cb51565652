import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { DEFAULT_MEDIA_LIMITS } from '../../domain/media-limits.ts';
import { FFMPEG, FFPROBE, makeClip } from '../encoding/testing/sample-clips.ts';
import { type ReportOptions, reportMedia } from './media-report.ts';

let dir = '';
before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'report-'));
});
after(() => rm(dir, { recursive: true }));

async function report(file: string, options: Partial<ReportOptions> = {}) {
  const lines: string[] = [];
  const { signal } = new AbortController();
  const programs = { ffmpegPath: FFMPEG, ffprobePath: FFPROBE };
  const all = { ...programs, signal, limits: DEFAULT_MEDIA_LIMITS, type: 'video', encode: false, ...options };
  const isAccepted = await reportMedia(file, all as ReportOptions, (line) => lines.push(line));
  return { isAccepted, text: lines.join('\n') };
}

test('a report says what was found, decided and measured', async () => {
  const clip = await makeClip(dir, 'clip.mp4', { seconds: 1, picture: { size: '64x48' } });
  const { isAccepted, text } = await report(clip, { encode: true });
  assert.ok(isAccepted);
  assert.match(text, /^ {2}1 +picture +h264 +64×48, 25\/1 pictures\/s, yuv420p, .* 25 +0 s +1 s$/m);
  assert.match(text, /^ {2}The media lasts 1 s; its 0 is at 0 s of the file\.$/m);
  assert.match(text, /^Notes of the media\n {2}none$/m);
  assert.match(
    text,
    /^ {2}360p +64×48 h264, 25\/s, peak 200 kbit\/s +44100 Hz, 64 kbit\/s +1 s +4 s in mpegts$/m,
  );
  assert.match(text, /^ {2}filters \(1080p, 720p, 360p\) of the picture: scale=/m);
  assert.match(
    text,
    /^ {2}720p: encoded in .*; 1 segments that last 1 s\n {4}#EXT-X-STREAM-INF:BANDWIDTH=\d+/m,
  );
});

test('a file that would be refused is reported with the reason', async () => {
  const file = join(dir, 'text.mp4');
  await writeFile(file, 'no media');
  const { isAccepted, text } = await report(file);
  assert.ok(!isAccepted);
  assert.match(text, /^The media would fail: the file is damaged, or of a format that is not accepted\.$/m);
});
