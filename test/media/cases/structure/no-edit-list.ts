import { PICTURE_OF_CLIP, picture, SOUND_OF_CLIP, tone } from '../../../support/corpus/clip.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('MP4 without an edit list is played as its times say, with the delay of its B-frames', {
  source: {
    name: 'plain.mp4',
    args: [
      ...picture(),
      ...tone(),
      '-c:v',
      'libx264',
      '-preset',
      'veryfast',
      '-bf',
      '2',
      '-c:a',
      'aac',
      '-use_editlist',
      '0',
    ],
  },
  expect: {
    seconds: 2.08,
    picture: { ...PICTURE_OF_CLIP, flash: 1.08 },
    sound: { ...SOUND_OF_CLIP, beep: 1.08 },
  },
});
