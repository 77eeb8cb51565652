import { changingPicture, H264, SOUND_OF_CLIP, tone } from '../../../support/corpus/clip.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('23.976 pictures a second are kept', {
  source: {
    name: 'clip.mp4',
    args: [...changingPicture({ rate: '24000/1001' }), ...tone(), ...H264, '-c:a', 'aac'],
  },
  expect: { seconds: 2, picture: { rate: 23.976 }, sound: SOUND_OF_CLIP },
});
