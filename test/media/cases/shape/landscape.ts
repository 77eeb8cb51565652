import { H264, PICTURE_OF_CLIP, picture } from '../../../support/corpus/clip.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('a larger picture is reduced to the quality', {
  source: {
    name: 'large.mp4',
    args: [...picture({ size: '640x360', seconds: 1.2 }), ...H264],
  },
  expect: { seconds: 1.2, picture: { ...PICTURE_OF_CLIP, size: '426x240' } },
});
