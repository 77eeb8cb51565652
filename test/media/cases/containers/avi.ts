import { PICTURE_OF_CLIP, picture, roughly, SOUND_OF_CLIP, tone } from '../../../support/corpus/clip.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('AVI with MPEG-4 part 2 and MP3 plays', {
  source: {
    name: 'clip.avi',
    args: [...picture(), ...tone(), '-c:v', 'mpeg4', '-q:v', '3', '-c:a', 'libmp3lame'],
  },
  expect: { seconds: 2, picture: roughly(PICTURE_OF_CLIP), sound: SOUND_OF_CLIP },
});
