import { H264, PICTURE_OF_CLIP, picture, SOUND_OF_CLIP, tone } from '../../../support/corpus/clip.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('H.264 with open groups of pictures and B-frames plays', {
  source: {
    name: 'clip.ts',
    args: [
      ...picture(),
      ...tone(),
      ...H264,
      '-bf',
      '3',
      '-g',
      '10',
      '-x264-params',
      'open-gop=1:b-pyramid=normal',
      '-c:a',
      'aac',
    ],
  },
  expect: { seconds: 2, picture: PICTURE_OF_CLIP, sound: SOUND_OF_CLIP },
});
