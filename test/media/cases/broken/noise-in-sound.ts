import { FLASH_AT, H264, picture, tone } from '../../../support/corpus/clip.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

const BROKEN = ['-c:a', 'alac', '-bsf:a:0', 'noise=amount=1'];

mediaCase('a video whose sound cannot be decoded is silent, and the account is told', {
  source: { name: 'noise.mkv', args: [...picture(), ...tone(), ...H264, ...BROKEN] },
  request: { qualities: [{}, { type: 'dash', containerType: 'fmp4' }] },
  expect: { seconds: 2, picture: { flash: FLASH_AT }, notes: [/can't be decoded; the media has no sound/] },
});

mediaCase('another sound is heard if the first one cannot be decoded', {
  source: {
    name: 'second.mkv',
    args: [...picture(), ...tone(), ...tone(), '-map', '0', '-map', '1', '-map', '2', ...H264, ...BROKEN],
  },
  expect: {
    seconds: 2,
    picture: { flash: FLASH_AT },
    sound: { beep: FLASH_AT },
    notes: [/more than one sound/, /track 3 is heard/],
  },
});
