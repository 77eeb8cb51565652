import { H264, PICTURE_OF_CLIP, picture, SOUND_OF_CLIP, tone } from '../../../support/corpus/clip.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('MOV with H.264 and uncompressed sound plays', {
  source: {
    name: 'clip.mov',
    args: [...picture(), ...tone(), ...H264, '-c:a', 'pcm_s16le'],
  },
  expect: { seconds: 2, picture: PICTURE_OF_CLIP, sound: SOUND_OF_CLIP },
});
