import { H264, PICTURE_OF_CLIP, picture, SOUND_OF_CLIP, tone } from '../../../support/corpus/clip.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('a time code beside the picture changes nothing', {
  source: {
    name: 'camera.mov',
    args: [...picture(), ...tone(), ...H264, '-c:a', 'aac', '-timecode', '01:00:00:00'],
  },
  expect: { seconds: 2, picture: PICTURE_OF_CLIP, sound: SOUND_OF_CLIP },
});
