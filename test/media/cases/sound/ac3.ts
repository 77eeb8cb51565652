import { SOUND_OF_CLIP, tone } from '../../../support/corpus/clip.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('AC-3 plays', {
  source: {
    name: 'tone.ac3',
    args: [...tone(), '-c:a', 'ac3'],
  },
  expect: { seconds: 2, sound: SOUND_OF_CLIP },
});
