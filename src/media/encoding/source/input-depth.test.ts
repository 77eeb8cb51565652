import assert from 'node:assert/strict';
import { test } from 'node:test';
import { neededDepth } from './input-depth.ts';
import type { FoundPackets } from './packet-times.ts';
import type { ReportedStream } from './probe-report.ts';

const video: ReportedStream = { index: 0, codec_type: 'video', codec_name: 'h264', width: 64, height: 64 };
const unread = { ...video, width: 0, height: 0 };
const audio: ReportedStream = {
  index: 1,
  codec_type: 'audio',
  codec_name: 'aac',
  channels: 2,
  sample_rate: '48000',
};

function depth(streams: ReportedStream[], ...packets: Partial<FoundPackets>[]) {
  const found = {
    count: 9,
    start: 0,
    end: 9,
    undecodable: 0,
    position: 0,
    keyFrames: 9,
    paceChangesAt: null,
    gaps: [],
  };
  const times = new Map(packets.map((fields, stream) => [stream, { ...found, ...fields }]));
  return neededDepth({ streams }, { times });
}

test('a file whose streams are known is read no deeper', () => {
  assert.equal(depth([video, audio], {}, {}), null);
  assert.equal(depth([unread, audio]), null, 'nothing can be learnt of a stream without packets');
  const cover = { ...unread, disposition: { attached_pic: 1 } };
  assert.equal(depth([cover, { index: 1, codec_type: 'data' }], {}, {}), null);
});

test('a stream that begins late is read up to its first key frame, and a little further', () => {
  const late = { start: 112, position: 40_000_000 };
  assert.deepEqual(depth([unread, audio], late, { start: 100 }), { bytes: 45_000_000, seconds: 22 });
  assert.deepEqual(depth([video, audio], {}, { start: 3, position: 7 }), null);
  assert.deepEqual(
    depth([video], {}, { start: 3, position: 7 }),
    { bytes: 5_000_007, seconds: 13 },
    'not listed',
  );
  const inside = { start: 112, undecodable: 12, position: 1 };
  assert.deepEqual(depth([unread], inside), { bytes: 5_000_001, seconds: 22 }, 'between two key frames');
});

test('a stream that begins too late is not read for', () => {
  assert.equal(depth([unread, audio], { position: 600_000_000 }, {}), null);
  assert.deepEqual(depth([unread], { position: null }), { bytes: 500_000_000, seconds: 10 });
});
