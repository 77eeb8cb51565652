import { PICTURE_OF_CLIP, picture, roughly, SOUND_OF_CLIP, tone } from '../../../support/corpus/clip.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('MXF with MPEG-2 and uncompressed sound plays', {
  source: {
    name: 'clip.mxf',
    args: [...picture(), ...tone(), '-c:v', 'mpeg2video', '-q:v', '3', '-c:a', 'pcm_s16le', '-ar', '48000'],
  },
  expect: { seconds: 2, picture: roughly(PICTURE_OF_CLIP), sound: SOUND_OF_CLIP },
});
