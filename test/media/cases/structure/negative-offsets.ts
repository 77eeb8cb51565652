import { PICTURE_OF_CLIP, picture, SOUND_OF_CLIP, tone } from '../../../support/corpus/clip.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('MP4 with B-frames and negative offsets of time is in time', {
  source: {
    name: 'offsets.mp4',
    args: [
      ...picture(),
      ...tone(),
      '-c:v',
      'libx264',
      '-preset',
      'veryfast',
      '-bf',
      '3',
      '-c:a',
      'aac',
      '-movflags',
      '+negative_cts_offsets',
    ],
  },
  expect: { seconds: 2, picture: PICTURE_OF_CLIP, sound: SOUND_OF_CLIP },
});
