import { H264, PICTURE_OF_CLIP, picture } from '../../../support/corpus/clip.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('a picture twenty times as wide as high keeps its shape', {
  source: {
    name: 'strip.mkv',
    args: [...picture({ size: '480x24' }), ...H264],
  },
  expect: { seconds: 2, picture: { ...PICTURE_OF_CLIP, size: '480x24' } },
});
