import { FLASH_AT, H264, picture, tone } from '../../../support/corpus/clip.ts';
import { ALL_FORMS } from '../../../support/corpus/forms.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('a picture that lasts longer than its sound is silent to its end', {
  source: {
    name: 'mute.mp4',
    args: [...picture({ seconds: 3.6 }), ...tone({ seconds: 1.5 }), ...H264, '-c:a', 'aac'],
  },
  request: ALL_FORMS,
  expect: {
    seconds: 3.6,
    picture: { rate: 25, count: 90, flash: FLASH_AT },
    sound: {
      beep: FLASH_AT,
      levels: [
        { from: 1.2, to: 1.4, dB: [-23, -23] },
        { from: 1.6, to: 3.5, dB: [-Infinity, -Infinity] },
      ],
    },
  },
});
