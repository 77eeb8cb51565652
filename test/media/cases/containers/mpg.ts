import { PICTURE_OF_CLIP, picture, roughly, SOUND_OF_CLIP, tone } from '../../../support/corpus/clip.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('An MPEG program stream with MPEG-2 and MP2 plays', {
  source: {
    name: 'clip.mpg',
    args: [...picture(), ...tone(), '-c:v', 'mpeg2video', '-q:v', '3', '-c:a', 'mp2'],
  },
  expect: { seconds: 2, picture: roughly(PICTURE_OF_CLIP), sound: SOUND_OF_CLIP },
});
