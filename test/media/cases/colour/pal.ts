import { H264 } from '../../../support/corpus/clip.ts';
import { samples, shows } from '../../../support/corpus/flat.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('colours of PAL are converted', {
  source: {
    name: 'red.mp4',
    args: [
      ...samples('yuv420p', [81, 90, 240]),
      ...H264,
      ...['-colorspace', 'bt470bg', '-color_primaries', 'bt470bg', '-color_trc', 'smpte170m'],
    ],
  },
  expect: shows([255, 0, 0], 5),
});
