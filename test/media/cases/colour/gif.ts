import { rgb, shows } from '../../../support/corpus/flat.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('a GIF keeps its colours', {
  source: { name: 'green.gif', args: rgb('0x00ff00') },
  expect: shows([0, 255, 0]),
});
