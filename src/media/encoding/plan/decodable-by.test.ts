import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FfmpegCapabilities, UNKNOWN_BUILD } from '../ffmpeg/capabilities.ts';
import type { DecodedFrame } from '../source/decoded-frame.ts';
import type { Probe } from '../source/probe-report.ts';
import { plainFrame } from '../testing/plain-frame.ts';
import { decodableBy } from './decodable-by.ts';

const span = { start: 0, end: 1 };
const plain = plainFrame(64, 48);

/** Returns the frame that a build makes use of. */
function decodable(frame: DecodedFrame, lacking: readonly string[] = []): DecodedFrame | undefined {
  const video = {
    span,
    stream: 0,
    codec: 'vp9',
    width: 64,
    height: 48,
    frameRate: 25,
    interlaced: false,
    frame,
  };
  const probe: Probe = { durationSeconds: 1, beginsAt: 0, video, audio: null, coverStream: null, notes: [] };
  const lacks: FfmpegCapabilities['lacks'] = (_, name) => lacking.includes(name);
  return decodableBy(lacking.length > 0 ? { version: null, lacks } : UNKNOWN_BUILD, probe).video?.frame;
}

test('alpha beside the picture is left out if its decoder is missing', () => {
  const frame = { ...plain, alphaDecoder: 'libvpx-vp9', colour: { ...plain.colour, hasAlpha: true } };
  assert.deepEqual(decodable(frame), frame);
  assert.deepEqual(decodable(frame, ['libvpx-vp9']), plain);
});

test('the light of HDR is converted by a table if zscale is missing', () => {
  const pq = { ...plain, colour: { ...plain.colour, transfer: 'pq' } } as const;
  assert.equal(decodable(pq)?.colour.isTabled, false);
  assert.equal(decodable(pq, ['zscale'])?.colour.isTabled, true);
  assert.equal(decodable(plain, ['zscale'])?.colour.isTabled, false);
});
