import { SOUND_OF_CLIP, tone } from '../../../support/corpus/clip.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('Ogg with Opus plays', {
  source: {
    name: 'tone.opus',
    args: [...tone(), '-c:a', 'libopus'],
  },
  expect: { seconds: 2, sound: SOUND_OF_CLIP },
});
