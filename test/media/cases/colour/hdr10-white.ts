import { samples, shows } from '../../../support/corpus/flat.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

const hdr10 = 'colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc:log-level=none';

mediaCase('white paper in HDR10, of 203 nits, is white', {
  source: {
    name: 'white.mp4',
    args: [
      ...samples('yuv420p10le', [572, 512, 512]),
      ...['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', hdr10, '-tag:v', 'hvc1'],
      ...['-color_primaries', 'bt2020', '-color_trc', 'smpte2084', '-colorspace', 'bt2020nc'],
    ],
  },
  expect: { ...shows([255, 255, 255], 3), notes: [/^The picture is in HDR \(PQ\)/] },
});
