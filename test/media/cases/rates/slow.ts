import { changingPicture, H264, SOUND_OF_CLIP, tone } from '../../../support/corpus/clip.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('five pictures a second are shown for a fifth of a second each', {
  source: {
    name: 'clip.mp4',
    args: [...changingPicture({ rate: '5' }), ...tone(), ...H264, '-c:a', 'aac'],
  },
  expect: { seconds: 2, picture: { changes: 10 }, sound: SOUND_OF_CLIP },
});
