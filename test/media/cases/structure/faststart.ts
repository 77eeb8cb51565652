import { H264, PICTURE_OF_CLIP, picture, SOUND_OF_CLIP, tone } from '../../../support/corpus/clip.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('MP4 with its index at the front plays', {
  source: {
    name: 'web.mp4',
    args: [...picture(), ...tone(), ...H264, '-c:a', 'aac', '-movflags', '+faststart'],
  },
  expect: { seconds: 2, picture: PICTURE_OF_CLIP, sound: SOUND_OF_CLIP },
});
