import { SOUND_OF_CLIP, tone } from '../../../support/corpus/clip.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('Ogg with Vorbis plays', {
  source: {
    name: 'tone.ogg',
    args: [...tone(), '-c:a', 'libvorbis'],
  },
  expect: { seconds: 2, sound: SOUND_OF_CLIP },
});
