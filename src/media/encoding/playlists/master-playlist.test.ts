import assert from 'node:assert/strict';
import { test } from 'node:test';
import { completeStreamInf, masterPlaylist, streamInfIn } from './master-playlist.ts';
import { bandwidthOf, segmentsIn } from './segment-playlist.ts';

const written = `#EXTM3U
#EXT-X-VERSION:6
#EXT-X-STREAM-INF:BANDWIDTH=985600,RESOLUTION=640x360,CODECS="avc1.64001e,mp4a.40.2"
index.m3u8

`;

test('ffmpeg’s line keeps its codecs, and gets the measured values', () => {
  const streamInf = streamInfIn(written);
  assert.equal(
    completeStreamInf(streamInf ?? '', { peak: 500_000, average: 400_000, frameRate: 30000 / 1001 }),
    '#EXT-X-STREAM-INF:BANDWIDTH=500000,AVERAGE-BANDWIDTH=400000,RESOLUTION=640x360,' +
      'CODECS="avc1.64001e,mp4a.40.2",FRAME-RATE=29.970',
  );
  assert.equal(streamInfIn('#EXTM3U\n'), null);
});

test('sound alone has no frame rate', () => {
  assert.equal(
    completeStreamInf('#EXT-X-STREAM-INF:BANDWIDTH=1,CODECS="mp4a.40.2"', {
      peak: 3,
      average: 2,
      frameRate: null,
    }),
    '#EXT-X-STREAM-INF:BANDWIDTH=3,AVERAGE-BANDWIDTH=2,CODECS="mp4a.40.2"',
  );
});

test('a master playlist lists the largest picture first, then the highest bandwidth', () => {
  const variant = (uri: string, resolution: string, bandwidth: number) => ({
    uri,
    streamInf: `#EXT-X-STREAM-INF:BANDWIDTH=${bandwidth},RESOLUTION=${resolution}`,
  });
  assert.equal(
    masterPlaylist([
      variant('2-360p/index.m3u8', '640x360', 700),
      variant('1-720p/index.m3u8', '1280x720', 500),
      variant('0-720p/index.m3u8', '1280x720', 900),
    ]),
    `#EXTM3U
#EXT-X-VERSION:7
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-STREAM-INF:BANDWIDTH=900,RESOLUTION=1280x720
0-720p/index.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=500,RESOLUTION=1280x720
1-720p/index.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=700,RESOLUTION=640x360
2-360p/index.m3u8
`,
  );
});

test('the peak is the bandwidth of the densest segment, ignoring a short last segment', () => {
  const playlist =
    '#EXTM3U\n#EXTINF:2.000000,\na.ts\n#EXTINF:2.500000,\nb.ts\n#EXTINF:0.5,\nc.ts\n#EXT-X-ENDLIST\n';
  const segments = segmentsIn(playlist);
  assert.deepEqual(segments, [
    { duration: 2, uri: 'a.ts' },
    { duration: 2.5, uri: 'b.ts' },
    { duration: 0.5, uri: 'c.ts' },
  ]);
  const sized = [1000, 1000, 500].map((bytes, index) => ({
    duration: segments[index]?.duration ?? 0,
    bytes,
  }));
  assert.deepEqual(bandwidthOf(sized), { peak: 4000, average: 4000 });
});
