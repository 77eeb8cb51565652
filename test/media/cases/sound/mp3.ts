import { SOUND_OF_CLIP, tone } from '../../../support/corpus/clip.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('MP3 plays', {
  source: {
    name: 'tone.mp3',
    args: [...tone(), '-c:a', 'libmp3lame'],
  },
  expect: { seconds: 2, sound: SOUND_OF_CLIP },
});
