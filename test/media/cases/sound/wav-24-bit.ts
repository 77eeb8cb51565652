import { SOUND_OF_CLIP, tone } from '../../../support/corpus/clip.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('WAV with 24 bits and 96 kHz plays', {
  source: {
    name: 'tone.wav',
    args: [...tone({ rate: 96_000 }), '-c:a', 'pcm_s24le'],
  },
  expect: { seconds: 2, sound: SOUND_OF_CLIP },
});
