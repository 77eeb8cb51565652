import { H264, PICTURE_OF_CLIP, picture, SOUND_OF_CLIP, tone } from '../../../support/corpus/clip.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('A transport stream with H.264 and AAC plays', {
  source: {
    name: 'clip.ts',
    args: [...picture(), ...tone(), ...H264, '-c:a', 'aac'],
  },
  expect: { seconds: 2, picture: PICTURE_OF_CLIP, sound: SOUND_OF_CLIP },
});
