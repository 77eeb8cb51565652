import { rgb, shows } from '../../../support/corpus/flat.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('VP8 is BT.601, as its specification says', {
  source: {
    name: 'blue.webm',
    args: [...rgb('blue'), '-pix_fmt', 'yuv420p', '-c:v', 'libvpx', '-deadline', 'realtime', '-crf', '10'],
  },
  expect: shows([0, 0, 255], 6),
});
