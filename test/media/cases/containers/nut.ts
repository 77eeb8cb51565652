import { PICTURE_OF_CLIP, picture, SOUND_OF_CLIP, tone } from '../../../support/corpus/clip.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('NUT with FFV1 and uncompressed sound plays', {
  source: {
    name: 'clip.nut',
    args: [...picture(), ...tone(), '-c:v', 'ffv1', '-c:a', 'pcm_s16le'],
  },
  expect: { seconds: 2, picture: PICTURE_OF_CLIP, sound: SOUND_OF_CLIP },
});
