import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FFMPEG, FFPROBE } from '../testing/sample-clips.ts';
import { programRuns } from './program-runs.ts';

const never = new AbortController().signal;

test('ffmpeg and ffprobe run, what is not there does not', async () => {
  assert.equal(await programRuns(FFMPEG, { signal: never }), true);
  assert.equal(await programRuns(FFPROBE, { signal: never }), true);
  assert.equal(await programRuns('/nonexistent/ffmpeg', { signal: never }), false);
  assert.equal(await programRuns('false', { signal: never }), false);
});
