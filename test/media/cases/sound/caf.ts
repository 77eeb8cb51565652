import { SOUND_OF_CLIP, tone } from '../../../support/corpus/clip.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('CAF with ALAC plays', {
  source: {
    name: 'tone.caf',
    args: [...tone(), '-c:a', 'alac'],
  },
  expect: { seconds: 2, sound: SOUND_OF_CLIP },
});
