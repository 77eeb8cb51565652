import { PICTURE_OF_CLIP, picture, SOUND_OF_CLIP, tone } from '../../../support/corpus/clip.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';
import { AV1 } from '../../../support/corpus/needs.ts';

mediaCase('AV1 plays', {
  source: {
    name: 'clip.mp4',
    args: [
      ...picture(),
      ...tone(),
      '-c:v',
      'libaom-av1',
      '-usage',
      'realtime',
      '-cpu-used',
      '8',
      '-crf',
      '20',
      '-c:a',
      'aac',
    ],
  },
  expect: { seconds: 2, picture: PICTURE_OF_CLIP, sound: SOUND_OF_CLIP },
  needs: AV1,
});
