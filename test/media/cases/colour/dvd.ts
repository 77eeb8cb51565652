import { rgb, shows } from '../../../support/corpus/flat.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('MPEG-2 of standard definition is BT.601', {
  source: {
    name: 'green.mpg',
    args: [...rgb('0x00ff00', { size: '352x288' }), '-pix_fmt', 'yuv420p', '-c:v', 'mpeg2video', '-q:v', '2'],
  },
  expect: shows([0, 255, 0], 5),
});
