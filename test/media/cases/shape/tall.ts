import { H264, PICTURE_OF_CLIP, picture } from '../../../support/corpus/clip.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('a picture ten times as high as wide keeps its shape', {
  source: {
    name: 'tall.mkv',
    args: [...picture({ size: '32x320' }), ...H264],
  },
  expect: { seconds: 2, picture: { ...PICTURE_OF_CLIP, size: '32x320' } },
});
