import { rgb, shows } from '../../../support/corpus/flat.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('a transparent GIF of odd size is shown over black', {
  source: {
    name: 'nothing.gif',
    args: [
      ...rgb('white@0', { size: '63x47', format: 'bgra' }),
      '-vf',
      'split[a][b];[a]palettegen[p];[b][p]paletteuse',
    ],
  },
  expect: shows([0, 0, 0]),
});
