import { SOUND_OF_CLIP, tone } from '../../../support/corpus/clip.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('M4A plays', {
  source: {
    name: 'tone.m4a',
    args: [...tone(), '-c:a', 'aac'],
  },
  expect: { seconds: 2, sound: SOUND_OF_CLIP },
});
