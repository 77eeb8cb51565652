import { samples, shows } from '../../../support/corpus/flat.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';
import { PNG } from '../../../support/corpus/needs.ts';

mediaCase('a grey PNG has full range', {
  source: { name: 'grey.mov', args: [...samples('gray', [16, 128, 128]), '-c:v', 'png'] },
  expect: shows([16, 16, 16]),
  needs: PNG,
});
