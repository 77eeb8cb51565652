import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_MEDIA_LIMITS } from '../../../domain/media-limits.ts';
import { plainFrame } from '../testing/plain-frame.ts';
import { readFields } from './fields.ts';

/** Reads the fields of a file that cannot be decoded, so that only what the file declares is known. */
function declared(codec: string, declaredFields: string) {
  const video = { stream: 0, codec, frame: { ...plainFrame(64, 48), declaredFields } };
  const { signal } = new AbortController();
  return readFields('/nowhere', video, {
    ffmpegPath: 'false',
    ffprobePath: 'false',
    signal,
    limits: DEFAULT_MEDIA_LIMITS,
  });
}

test('a file is believed if its frames cannot be looked at', async () => {
  const none = { interlaced: false, unmarked: null };
  assert.deepEqual(await declared('h264', 'progressive'), none);
  assert.deepEqual(await declared('dvvideo', 'unknown'), none);
  assert.deepEqual(await declared('vp9', 'unknown'), none);
  assert.deepEqual(await declared('h264', 'tt'), { interlaced: true, unmarked: 'tff' });
  assert.deepEqual(await declared('v210', 'tb'), { interlaced: true, unmarked: 'bff' });
});
