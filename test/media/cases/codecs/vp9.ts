import { PICTURE_OF_CLIP, picture, SOUND_OF_CLIP, tone } from '../../../support/corpus/clip.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('VP9 plays', {
  source: {
    name: 'clip.webm',
    args: [
      ...picture(),
      ...tone(),
      '-c:v',
      'libvpx-vp9',
      '-deadline',
      'realtime',
      '-cpu-used',
      '8',
      '-crf',
      '20',
      '-b:v',
      '0',
      '-c:a',
      'libopus',
    ],
  },
  expect: { seconds: 2, picture: PICTURE_OF_CLIP, sound: SOUND_OF_CLIP },
});
