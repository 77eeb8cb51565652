import assert from 'node:assert/strict';
import { test } from 'node:test';
import { masterPlaylist, streamInfIn, streamInfOf } from './master-playlist.ts';

test('a variant states bandwidths, codecs, size, frame rate and range', () => {
  const picture = { width: 640, height: 360, frameRate: 30000 / 1001 };
  const line = streamInfOf({
    peak: 500_000,
    average: 400_000,
    codecs: ['avc1.64001e', 'mp4a.40.2'],
    picture,
  });
  assert.equal(
    line,
    '#EXT-X-STREAM-INF:BANDWIDTH=500000,AVERAGE-BANDWIDTH=400000,CODECS="avc1.64001e,mp4a.40.2",' +
      'RESOLUTION=640x360,FRAME-RATE=29.970,VIDEO-RANGE=SDR',
  );
  assert.equal(streamInfIn(masterPlaylist([{ uri: 'index.m3u8', streamInf: line }])), line);
  assert.equal(streamInfIn('#EXTM3U\n'), null);
});

test('sound alone has no size, frame rate or range', () => {
  assert.equal(
    streamInfOf({ peak: 3, average: 2, codecs: ['mp4a.40.2'], picture: null }),
    '#EXT-X-STREAM-INF:BANDWIDTH=3,AVERAGE-BANDWIDTH=2,CODECS="mp4a.40.2"',
  );
});

test('a master playlist lists the largest picture first, then the highest bandwidth', () => {
  const variant = (uri: string, resolution: string, bandwidth: number) => ({
    uri,
    streamInf: `#EXT-X-STREAM-INF:BANDWIDTH=${bandwidth},AVERAGE-BANDWIDTH=1,RESOLUTION=${resolution}`,
  });
  assert.equal(
    masterPlaylist([
      variant('2-360p/index.m3u8', '640x360', 700),
      variant('1-720p/index.m3u8', '1280x720', 500),
      variant('0-720p/index.m3u8', '1280x720', 900),
    ]),
    `#EXTM3U
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-STREAM-INF:BANDWIDTH=900,AVERAGE-BANDWIDTH=1,RESOLUTION=1280x720
0-720p/index.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=500,AVERAGE-BANDWIDTH=1,RESOLUTION=1280x720
1-720p/index.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=700,AVERAGE-BANDWIDTH=1,RESOLUTION=640x360
2-360p/index.m3u8
`,
  );
});
