import { H264, PICTURE_OF_CLIP, picture } from '../../../support/corpus/clip.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('a picture with odd sides loses a row and a column', {
  source: {
    name: 'odd.mkv',
    args: [...picture({ size: '65x49' }), '-pix_fmt', 'yuv444p', ...H264],
  },
  expect: { seconds: 2, picture: { ...PICTURE_OF_CLIP, size: '64x48' } },
});
