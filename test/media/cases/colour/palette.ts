import { rgb, shows } from '../../../support/corpus/flat.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';
import { PNG } from '../../../support/corpus/needs.ts';

mediaCase('the colours of a palette are kept', {
  source: { name: 'pink.mov', args: [...rgb('0xff00ff'), '-pix_fmt', 'pal8', '-c:v', 'png'] },
  expect: shows([255, 0, 255], 6),
  needs: PNG,
});
