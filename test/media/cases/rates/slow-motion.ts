import { H264, PICTURE_OF_CLIP, picture, SOUND_OF_CLIP, tone } from '../../../support/corpus/clip.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('120 pictures a second become 60, at the same speed', {
  source: {
    name: 'slowmo.mp4',
    args: [...picture({ rate: 120 }), ...tone(), ...H264, '-c:a', 'aac'],
  },
  expect: { seconds: 2, picture: { ...PICTURE_OF_CLIP, rate: 60 }, sound: SOUND_OF_CLIP },
});
