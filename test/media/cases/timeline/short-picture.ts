import { H264, movingPicture, SOUND_OF_CLIP, tone } from '../../../support/corpus/clip.ts';
import { ALL_FORMS } from '../../../support/corpus/forms.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('sound that lasts longer than the picture is heard to its end, with the last picture', {
  source: {
    name: 'talk.mp4',
    args: [...movingPicture({ seconds: 0.4 }), ...tone({ seconds: 3.5 }), ...H264, '-c:a', 'aac'],
  },
  request: ALL_FORMS,
  expect: {
    seconds: 3.5,
    picture: { rate: 25 },
    sound: { ...SOUND_OF_CLIP, levels: [{ from: 2, to: 3.4, dB: [-23, -23] }] },
  },
});
