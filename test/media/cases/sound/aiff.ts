import { SOUND_OF_CLIP, tone } from '../../../support/corpus/clip.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('AIFF plays', {
  source: {
    name: 'tone.aiff',
    args: [...tone(), '-c:a', 'pcm_s16be'],
  },
  expect: { seconds: 2, sound: SOUND_OF_CLIP },
});
