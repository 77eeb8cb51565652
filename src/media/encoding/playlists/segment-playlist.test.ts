import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSegmentPlaylist, segmentPlaylist, targetDurationOf } from './segment-playlist.ts';

const written = `#EXTM3U
#EXT-X-VERSION:7
#EXT-X-TARGETDURATION:3
#EXT-X-MAP:URI="init.mp4"
#EXTINF:2.000000,
a.m4s
#EXTINF:2.500000,
#EXT-X-DISCONTINUITY
b.m4s
#EXT-X-ENDLIST
`;

test('segments and the init segment are read from what ffmpeg wrote', () => {
  assert.deepEqual(readSegmentPlaylist(written), {
    init: 'init.mp4',
    segments: [
      { duration: 2, uri: 'a.m4s' },
      { duration: 2.5, uri: 'b.m4s' },
    ],
  });
  assert.equal(readSegmentPlaylist(written.replace('#EXT-X-ENDLIST', '')), null);
});

test('the version is what the playlist needs', () => {
  const segments = [{ duration: 1, uri: 'a.ts' }];
  assert.match(segmentPlaylist({ init: null, segments }), /^#EXT-X-VERSION:3$/m);
  assert.match(segmentPlaylist({ init: 'init.mp4', segments }), /^#EXT-X-VERSION:6$/m);
});

test('no rounded duration is longer than the target duration, which is never 0', () => {
  const target = (...durations: number[]) =>
    targetDurationOf(durations.map((duration) => ({ duration, uri: 'a.ts' })));
  assert.equal(target(4, 4, 0.2), 4);
  assert.equal(target(4.4), 4);
  assert.equal(target(4.5), 5);
  assert.equal(target(0.04), 1);
});

test('a playlist that is written is read as it was', () => {
  const playlist = { init: 'init.mp4', segments: [{ duration: 4.004, uri: 'a.m4s' }] };
  assert.deepEqual(readSegmentPlaylist(segmentPlaylist(playlist)), playlist);
});
