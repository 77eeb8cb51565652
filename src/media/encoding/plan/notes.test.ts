import assert from 'node:assert/strict';
import { test } from 'node:test';
import { requestOf } from '../../../domain/media.ts';
import type { DecodedFrame } from '../source/decoded-frame.ts';
import type { Probe } from '../source/probe-report.ts';
import { plainFrame } from '../testing/plain-frame.ts';
import { notesOf } from './notes.ts';

const span = { start: 0, end: 10 };
const probe: Probe = {
  durationSeconds: 10,
  beginsAt: 0,
  video: {
    span,
    stream: 0,
    codec: 'h264',
    width: 640,
    height: 360,
    frameRate: 25,
    interlaced: false,
    frame: plainFrame(640, 360),
  },
  audio: { span, stream: 1, codec: 'aac', channels: 2, sampleRate: 48_000 },
  coverStream: null,
  notes: [],
};
const request = { type: 'video', qualities: [] } as const;

test('a plain video has no notes', () => {
  assert.deepEqual(notesOf(probe, request), []);
});

test('a media whose type is not that of its file says so', () => {
  assert.match(notesOf({ ...probe, video: null }, request).join(), /no picture was found/);
  assert.match(notesOf(probe, { ...request, type: 'audio' }).join(), /picture of the file was left out/);
  assert.deepEqual(notesOf({ ...probe, video: null }, { ...request, type: 'audio' }), []);
});

test('a video of too few pictures for a transport stream says so, if it was to be in one', () => {
  const asked = {
    ...request,
    qualities: [{ ...requestOf('360p'), position: 0, status: 'waiting' }],
  } as const;
  const short = { ...probe, durationSeconds: 0.04 };
  assert.match(notesOf(short, asked).join(), /in fragmented MP4/);
  assert.deepEqual(notesOf(probe, asked), []);
  assert.deepEqual(notesOf(short, request), []);
});

test('what was found comes before what was decided, once, and within limits', () => {
  const found = { ...probe, notes: ['One.', 'Two.', 'One.'] };
  assert.deepEqual(notesOf(found, request), ['One.', 'Two.']);
  assert.equal(notesOf({ ...found, video: null }, request).length, 3);
  const many = { ...probe, notes: Array.from({ length: 99 }, (_, number) => `${number} ${'x'.repeat(500)}`) };
  const notes = notesOf(many, request);
  assert.ok(notes.length <= 20 && notes.every((note) => note.length <= 400));
});

test('HDR that was converted, and Dolby Vision that cannot be, are noted', () => {
  const notes = (frame: Partial<DecodedFrame>, type: 'video' | 'audio' = 'video') => {
    const { video } = probe;
    return notesOf(
      { ...probe, video: video && { ...video, frame: { ...video.frame, ...frame } } },
      { ...request, type },
    );
  };
  const { colour } = plainFrame(640, 360);
  assert.match(
    notes({ colour: { ...colour, transfer: 'pq' } }).join(),
    /^The picture is in HDR \(PQ\); it was conv/,
  );
  assert.match(notes({ colour: { ...colour, transfer: 'hlg' } }).join(), /HDR \(HLG\)/);
  assert.match(
    notes({ isDolbyVisionAlone: true }).join(),
    /^The picture is in Dolby Vision without a base layer/,
  );
  assert.doesNotMatch(notes({ colour: { ...colour, transfer: 'hlg' } }, 'audio').join(), /HDR/);
});
