import { PICTURE_OF_CLIP, picture, SOUND_OF_CLIP, tone } from '../../../support/corpus/clip.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('H.264 without losses in 4:4:4 plays', {
  source: {
    name: 'clip.mkv',
    args: [
      ...picture(),
      ...tone(),
      '-pix_fmt',
      'yuv444p',
      '-c:v',
      'libx264',
      '-preset',
      'ultrafast',
      '-qp',
      '0',
      '-c:a',
      'flac',
    ],
  },
  expect: { seconds: 2, picture: PICTURE_OF_CLIP, sound: SOUND_OF_CLIP },
});
