import { samples, shows } from '../../../support/corpus/flat.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('12 bits without chroma subsampling become 8 bits with it', {
  source: {
    name: 'red.mkv',
    args: [...samples('yuv444p12le', [1008, 1632, 3840]), '-c:v', 'ffv1'],
  },
  expect: shows([255, 0, 0]),
});
