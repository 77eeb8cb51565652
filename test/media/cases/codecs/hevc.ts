import { PICTURE_OF_CLIP, picture, SOUND_OF_CLIP, tone } from '../../../support/corpus/clip.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('H.265 in 8 bits plays', {
  source: {
    name: 'clip.mp4',
    args: [
      ...picture(),
      ...tone(),
      '-c:v',
      'libx265',
      '-preset',
      'ultrafast',
      '-crf',
      '18',
      '-x265-params',
      'log-level=error',
      '-tag:v',
      'hvc1',
      '-c:a',
      'aac',
    ],
  },
  expect: { seconds: 2, picture: PICTURE_OF_CLIP, sound: SOUND_OF_CLIP },
});
