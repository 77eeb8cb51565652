import { H264 } from '../../../support/corpus/clip.ts';
import { samples, shows } from '../../../support/corpus/flat.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('full range becomes limited range', {
  source: {
    name: 'orange.mp4',
    args: [
      ...samples('yuv420p', [140, 74, 184]),
      ...H264,
      ...['-color_range', 'pc', '-colorspace', 'bt709', '-color_primaries', 'bt709', '-color_trc', 'bt709'],
    ],
  },
  expect: shows([228, 124, 40], 5),
});
