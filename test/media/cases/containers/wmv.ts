import { PICTURE_OF_CLIP, picture, roughly, SOUND_OF_CLIP, tone } from '../../../support/corpus/clip.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('ASF with WMV 2 and WMA plays', {
  source: {
    name: 'clip.wmv',
    args: [...picture(), ...tone(), '-c:v', 'wmv2', '-q:v', '3', '-c:a', 'wmav2'],
  },
  expect: { seconds: 2, picture: roughly(PICTURE_OF_CLIP), sound: SOUND_OF_CLIP },
});
