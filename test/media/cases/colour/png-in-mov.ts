import { rgb, shows } from '../../../support/corpus/flat.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';
import { PNG } from '../../../support/corpus/needs.ts';

mediaCase('PNG in MOV keeps its colours in every quality', {
  source: { name: 'red.mov', args: [...rgb('red', { size: '426x320' }), '-c:v', 'png'] },
  request: { qualities: [{}, { resolution: '720p' }] },
  expect: shows([255, 0, 0]),
  needs: PNG,
});
