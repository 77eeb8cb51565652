import { PICTURE_OF_CLIP, picture, roughly, SOUND_OF_CLIP, tone } from '../../../support/corpus/clip.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('Uncompressed video in AVI plays', {
  source: {
    name: 'clip.avi',
    args: [...picture(), ...tone(), '-c:v', 'rawvideo', '-pix_fmt', 'yuv420p', '-c:a', 'pcm_s16le'],
  },
  expect: { seconds: 2, picture: roughly(PICTURE_OF_CLIP), sound: SOUND_OF_CLIP },
});
