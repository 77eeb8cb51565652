import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Quality, requestOf } from '../../../domain/media.ts';
import { sharedSegments } from '../../../domain/shared-segments.ts';

function quality(position: number, of: Partial<Quality>): Quality {
  return { ...requestOf('720p'), containerType: 'mp4', status: 'waiting', ...of, position };
}

function pairs(...qualities: Partial<Quality>[]): [number, number][] {
  const found = sharedSegments(qualities.map((of, position) => quality(position, of)));
  return [...found].map(([hls, dash]) => [hls, dash.position]);
}

const DASH = { type: 'dash', containerType: 'fmp4' } as const;

test('each HLS quality uses the segments of the DASH quality that is encoded alike', () => {
  const small = { resolution: '360p' } as const;
  assert.deepEqual(pairs({}, DASH), [[0, 1]]);
  assert.deepEqual(pairs(small, {}, DASH, { ...DASH, ...small }), [
    [0, 3],
    [1, 2],
  ]);
  assert.deepEqual(pairs({}, DASH, { ...DASH, ...small }), [[0, 1]], 'DASH may have more qualities');
});

test('no quality shares segments if one HLS quality cannot', () => {
  const unlike = [{ containerType: 'mpegts' }, { resolution: '360p' }, { videoCodec: 'h265' }] as const;
  for (const other of [...unlike, { videoBitrate: 1 }, { audioBitrate: 1 }] as const) {
    assert.deepEqual(pairs({}, DASH, other), [], JSON.stringify(other));
  }
  assert.deepEqual(pairs({}), []);
  assert.deepEqual(pairs(DASH), []);
});

test('a DASH quality that failed leaves HLS to an encode of its own', () => {
  assert.deepEqual(pairs({}, { ...DASH, status: 'fail' }), []);
  assert.deepEqual(pairs({}, { ...DASH, status: 'done' }), [[0, 1]]);
});
