import { PICTURE_OF_CLIP, picture, roughly, SOUND_OF_CLIP, tone } from '../../../support/corpus/clip.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('3GP with H.263 and AAC, as old phones record it, plays', {
  source: {
    name: 'clip.3gp',
    args: [
      ...picture({ size: '176x144' }),
      ...tone(),
      '-c:v',
      'h263',
      '-q:v',
      '3',
      '-r',
      '25',
      '-c:a',
      'aac',
    ],
  },
  expect: { seconds: 2, picture: roughly({ ...PICTURE_OF_CLIP, size: '176x144' }), sound: SOUND_OF_CLIP },
});
