import {
  FLASH_AT,
  H264,
  PICTURE_OF_CLIP,
  picture,
  SOUND_OF_CLIP,
  tone,
} from '../../../support/corpus/clip.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('the MP4 for download is made from DASH, with picture and sound in time', {
  source: {
    name: 'clip.mp4',
    args: [...picture({ seconds: 3 }), ...tone({ seconds: 3 }), ...H264, '-c:a', 'aac'],
  },
  request: { qualities: [{ type: 'dash', containerType: 'fmp4' }], mp4: true },
  expect: {
    seconds: 3,
    picture: { ...PICTURE_OF_CLIP, count: 75, flash: FLASH_AT },
    sound: SOUND_OF_CLIP,
  },
});
