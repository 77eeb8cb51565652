import { rgb, shows } from '../../../support/corpus/flat.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('what is transparent in VP9 is black, whatever colour lies below', {
  source: {
    name: 'alpha.webm',
    args: [
      ...rgb('0x00ff00@0', { format: 'rgba' }),
      ...['-vf', 'scale=out_color_matrix=bt709', '-pix_fmt', 'yuva420p', '-c:v', 'libvpx-vp9'],
      ...['-deadline', 'realtime', '-auto-alt-ref', '0'],
    ],
  },
  expect: shows([0, 0, 0]),
});
