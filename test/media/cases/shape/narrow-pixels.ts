import { H264, PICTURE_OF_CLIP, picture } from '../../../support/corpus/clip.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('a picture with narrow pixels keeps its height', {
  source: {
    name: 'narrow.mkv',
    args: [...picture({ size: '96x72' }), '-vf', 'setsar=8/9', ...H264],
  },
  expect: { seconds: 2, picture: { ...PICTURE_OF_CLIP, size: '84x72' } },
});
