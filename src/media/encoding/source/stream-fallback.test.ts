import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failure, UNDECODABLE } from '../ffmpeg/failures.ts';
import { plainFrame } from '../testing/plain-frame.ts';
import type { AudioStream, Probe, VideoStream } from './probe-report.ts';
import { fallbackNote, mayBeTheStreams, soundsToTry, streamsToTry } from './stream-fallback.ts';

const sound = (stream: number): AudioStream => ({
  span: { start: 0, end: 1 },
  stream,
  codec: 'aac',
  channels: 2,
  sampleRate: 48_000,
});
const picture: VideoStream = {
  ...{ span: { start: 0, end: 1 }, stream: 0, codec: 'h264', width: 64, height: 48, frameRate: 25 },
  ...{ interlaced: false, frame: plainFrame(64, 48) },
};
const probe: Probe = {
  durationSeconds: 1,
  beginsAt: 0,
  video: null,
  audio: sound(0),
  otherSounds: [1, 2, 3].map(sound),
  coverStream: null,
  notes: [],
};

test('other sounds are tried, and then none if there is a picture', () => {
  assert.deepEqual(
    soundsToTry(probe).map((tried) => tried?.stream),
    [0, 1, 2],
  );
  assert.deepEqual(soundsToTry({ ...probe, audio: null }), [null]);
});

test('the sound is encoded alone if nothing can be encoded with the picture', () => {
  const numbers = streamsToTry({ ...probe, video: picture, audio: sound(1), otherSounds: [sound(2)] }).map(
    ({ video, audio }) => [video?.stream, audio?.stream],
  );
  assert.deepEqual(numbers, [
    [0, 1],
    [0, 2],
    [0, undefined],
    [undefined, 1],
  ]);
});

test('a failure that has to do with a limit is final', () => {
  assert.ok(mayBeTheStreams(UNDECODABLE));
  assert.ok(!mayBeTheStreams(failure('failed', 'encoding the file takes longer than the limit')));
  assert.ok(!mayBeTheStreams(failure('no-space', 'the disk is full')));
});

test('a note says what is left', () => {
  const all = { video: picture, audio: sound(1) };
  assert.match(fallbackNote(all, { video: picture, audio: null }), /has no sound\.$/);
  assert.match(fallbackNote(all, { video: picture, audio: sound(3) }), /track 4 is heard/);
  assert.match(fallbackNote(all, { video: null, audio: sound(1) }), /is sound alone\.$/);
});
