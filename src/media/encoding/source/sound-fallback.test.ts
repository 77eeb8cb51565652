import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failure, UNDECODABLE } from '../ffmpeg/failures.ts';
import type { AudioStream, Probe } from './probe-report.ts';
import { fallbackNote, mayBeTheSound, soundsToTry } from './sound-fallback.ts';

const sound = (stream: number): AudioStream => ({
  span: { start: 0, end: 1 },
  stream,
  codec: 'aac',
  channels: 2,
  sampleRate: 48_000,
});
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

test('a failure that has to do with a limit is final', () => {
  assert.ok(mayBeTheSound(UNDECODABLE));
  assert.ok(!mayBeTheSound(failure('failed', 'encoding the file takes longer than the limit')));
  assert.ok(!mayBeTheSound(failure('no-space', 'the disk is full')));
});

test('a note says which sound is heard', () => {
  assert.match(fallbackNote(null), /has no sound\.$/);
  assert.match(fallbackNote(sound(3)), /track 4 is heard/);
});
