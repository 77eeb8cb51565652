import { SOUND_OF_CLIP, tone } from '../../../support/corpus/clip.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('FLAC plays', {
  source: {
    name: 'tone.flac',
    args: [...tone()],
  },
  expect: { seconds: 2, sound: SOUND_OF_CLIP },
});
