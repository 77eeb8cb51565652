import { changingPicture, H264, SOUND_OF_CLIP, tone } from '../../../support/corpus/clip.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('one picture a second is shown for a second', {
  source: {
    name: 'clip.mp4',
    args: [...changingPicture({ rate: '1' }), ...tone(), ...H264, '-c:a', 'aac'],
  },
  expect: { seconds: 2, picture: { changes: 2 }, sound: SOUND_OF_CLIP },
});
