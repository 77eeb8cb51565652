import { picture } from '../../../support/corpus/clip.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('a picture of two by two pixels plays', {
  source: {
    name: 'smallest.mkv',
    args: [...picture({ size: '2x2' }), '-c:v', 'ffv1'],
  },
  expect: { seconds: 2, picture: { size: '2x2', rate: 25 } },
});
