import { rgb, shows } from '../../../support/corpus/flat.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('Motion JPEG is BT.601 with full range, as JPEG is', {
  source: { name: 'red.avi', args: [...rgb('red'), '-pix_fmt', 'yuvj422p', '-c:v', 'mjpeg', '-q:v', '2'] },
  expect: shows([255, 0, 0], 5),
});
