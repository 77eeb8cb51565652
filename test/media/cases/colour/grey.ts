import { H264 } from '../../../support/corpus/clip.ts';
import { samples, shows } from '../../../support/corpus/flat.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('grey H.264 has limited range', {
  source: { name: 'black.mp4', args: [...samples('gray', [16, 128, 128]), ...H264, '-pix_fmt', 'gray'] },
  expect: shows([0, 0, 0]),
});
