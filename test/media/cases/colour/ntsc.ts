import { H264 } from '../../../support/corpus/clip.ts';
import { samples, shows } from '../../../support/corpus/flat.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('colours of NTSC are converted, with their primaries', {
  source: {
    name: 'grass.mp4',
    args: [
      ...samples('yuv420p', [112, 108, 110]),
      ...H264,
      ...['-colorspace', 'smpte170m', '-color_primaries', 'smpte170m', '-color_trc', 'smpte170m'],
    ],
  },
  expect: shows([82, 130, 72], 5),
});
