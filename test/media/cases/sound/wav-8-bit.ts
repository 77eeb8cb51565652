import { SOUND_OF_CLIP, tone } from '../../../support/corpus/clip.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('WAV with 8 bits and 8 kHz plays', {
  source: {
    name: 'tone.wav',
    args: [...tone({ rate: 8_000 }), '-c:a', 'pcm_u8'],
  },
  expect: { seconds: 2, sound: SOUND_OF_CLIP },
});
