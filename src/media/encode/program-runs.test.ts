import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FFMPEG, FFPROBE } from '../../../test/support/sample-clips.ts';
import { programRuns } from './program-runs.ts';

const never = new AbortController().signal;

test('ffmpeg and ffprobe run, what is not there does not', async () => {
  assert.equal(await programRuns(FFMPEG, never), true);
  assert.equal(await programRuns(FFPROBE, never), true);
  assert.equal(await programRuns('/nonexistent/ffmpeg', never), false);
  assert.equal(await programRuns('false', never), false);
});
