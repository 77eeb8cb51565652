import { H264, PICTURE_OF_CLIP, picture } from '../../../support/corpus/clip.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('a picture with wide pixels gets its width', {
  source: {
    name: 'wide.mp4',
    args: [...picture({ size: '96x72' }), '-vf', 'setsar=4/3', ...H264],
  },
  expect: { seconds: 2, picture: { ...PICTURE_OF_CLIP, size: '128x72' }, thumbnail: { size: '128x72' } },
});
