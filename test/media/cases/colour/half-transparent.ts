import { rgb, shows } from '../../../support/corpus/flat.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('half transparent red in ProRes 4444 is dark red', {
  source: {
    name: 'half.mov',
    args: [
      ...rgb('0xff0000@0.5', { format: 'rgba' }),
      ...['-vf', 'scale=out_color_matrix=bt709', '-pix_fmt', 'yuva444p10le', '-c:v', 'prores_ks'],
      ...['-colorspace', 'bt709', '-color_primaries', 'bt709', '-color_trc', 'bt709'],
    ],
  },
  expect: shows([127, 0, 0], 6),
});
