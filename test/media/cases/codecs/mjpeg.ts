import { PICTURE_OF_CLIP, picture, roughly, SOUND_OF_CLIP, tone } from '../../../support/corpus/clip.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('Motion JPEG in AVI, as cameras record it, plays', {
  source: {
    name: 'clip.avi',
    args: [
      ...picture(),
      ...tone(),
      '-c:v',
      'mjpeg',
      '-q:v',
      '3',
      '-pix_fmt',
      'yuvj422p',
      '-c:a',
      'pcm_s16le',
    ],
  },
  expect: { seconds: 2, picture: roughly(PICTURE_OF_CLIP), sound: SOUND_OF_CLIP },
});
