import { PICTURE_OF_CLIP, picture, roughly, SOUND_OF_CLIP, tone } from '../../../support/corpus/clip.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('Ogg with Theora and Vorbis plays', {
  source: {
    name: 'clip.ogv',
    args: [...picture(), ...tone(), '-c:v', 'libtheora', '-q:v', '10', '-c:a', 'libvorbis'],
  },
  expect: { seconds: 2, picture: roughly(PICTURE_OF_CLIP), sound: SOUND_OF_CLIP },
});
