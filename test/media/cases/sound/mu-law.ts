import { SOUND_OF_CLIP, tone } from '../../../support/corpus/clip.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('Mu-law of a telephone in AU plays', {
  source: {
    name: 'tone.au',
    args: [...tone({ rate: 8_000 }), '-c:a', 'pcm_mulaw'],
  },
  expect: { seconds: 2, sound: SOUND_OF_CLIP },
});
