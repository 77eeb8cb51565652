import { H264 } from '../../../support/corpus/clip.ts';
import { samples, shows } from '../../../support/corpus/flat.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('YUV that says nothing about its colours is BT.709, though it is small', {
  source: { name: 'red.mp4', args: [...samples('yuv420p', [63, 102, 240]), ...H264] },
  expect: shows([255, 0, 0]),
});
