import { PICTURE_OF_CLIP, picture, SOUND_OF_CLIP, tone } from '../../../support/corpus/clip.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('DNxHR in MXF plays', {
  source: {
    name: 'clip.mov',
    args: [
      ...picture({ size: '256x120' }),
      ...tone(),
      '-c:v',
      'dnxhd',
      '-profile:v',
      'dnxhr_lb',
      '-pix_fmt',
      'yuv422p',
      '-c:a',
      'pcm_s16le',
    ],
  },
  expect: { seconds: 2, picture: { ...PICTURE_OF_CLIP, size: '256x120' }, sound: SOUND_OF_CLIP },
});
