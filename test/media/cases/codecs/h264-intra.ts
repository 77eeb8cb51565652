import { H264, PICTURE_OF_CLIP, picture, SOUND_OF_CLIP, tone } from '../../../support/corpus/clip.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('H.264 with nothing but key frames plays', {
  source: {
    name: 'clip.mkv',
    args: [...picture(), ...tone(), ...H264, '-g', '1', '-c:a', 'mp2'],
  },
  expect: { seconds: 2, picture: PICTURE_OF_CLIP, sound: SOUND_OF_CLIP },
});
