import { H264, PICTURE_OF_CLIP, picture, SOUND_OF_CLIP, tone } from '../../../support/corpus/clip.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('H.264 in 4:2:2 and 10 bits plays in 4:2:0 and 8 bits', {
  source: {
    name: 'clip.mov',
    args: [...picture(), ...tone(), '-pix_fmt', 'yuv422p10le', ...H264, '-c:a', 'aac'],
  },
  expect: { seconds: 2, picture: PICTURE_OF_CLIP, sound: SOUND_OF_CLIP },
});
