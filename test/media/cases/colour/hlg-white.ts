import { samples, shows } from '../../../support/corpus/flat.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

const hlg = 'colorprim=bt2020:transfer=arib-std-b67:colormatrix=bt2020nc:log-level=none';

mediaCase('white paper in HLG, which is 75 % of the signal, is white', {
  source: {
    name: 'white.mov',
    args: [
      ...samples('yuv420p10le', [721, 512, 512]),
      ...['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', hlg, '-tag:v', 'hvc1'],
      ...['-color_primaries', 'bt2020', '-color_trc', 'arib-std-b67', '-colorspace', 'bt2020nc'],
    ],
  },
  expect: { ...shows([255, 255, 255], 3), notes: [/^The picture is in HDR \(HLG\)/] },
});
