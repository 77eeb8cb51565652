import { H264, PICTURE_OF_CLIP, picture, SOUND_OF_CLIP, tone } from '../../../support/corpus/clip.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('H.264 with one key frame plays in segments of a second', {
  source: {
    name: 'clip.mp4',
    args: [
      ...picture({ seconds: 3 }),
      ...tone({ seconds: 3 }),
      ...H264,
      '-g',
      '1000',
      '-sc_threshold',
      '0',
      '-c:a',
      'aac',
    ],
  },
  expect: { seconds: 3, picture: PICTURE_OF_CLIP, sound: SOUND_OF_CLIP },
});
