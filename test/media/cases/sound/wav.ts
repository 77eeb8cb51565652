import { SOUND_OF_CLIP, tone } from '../../../support/corpus/clip.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('WAV plays', {
  source: {
    name: 'tone.wav',
    args: [...tone(), '-c:a', 'pcm_s16le'],
  },
  expect: { seconds: 2, sound: SOUND_OF_CLIP },
});
