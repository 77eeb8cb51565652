import { PICTURE_OF_CLIP, picture, SOUND_OF_CLIP, tone } from '../../../support/corpus/clip.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('ProRes plays', {
  source: {
    name: 'clip.mov',
    args: [
      ...picture(),
      ...tone(),
      '-c:v',
      'prores_ks',
      '-profile:v',
      '0',
      '-pix_fmt',
      'yuv422p10le',
      '-c:a',
      'pcm_s24le',
    ],
  },
  expect: { seconds: 2, picture: PICTURE_OF_CLIP, sound: SOUND_OF_CLIP },
});
