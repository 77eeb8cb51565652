import { H264, PICTURE_OF_CLIP, picture, SOUND_OF_CLIP, tone } from '../../../support/corpus/clip.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('a recording whose times begin at a day is played from its beginning', {
  source: {
    name: 'dvr.ts',
    args: [...picture(), ...tone(), ...H264, '-c:a', 'aac', '-output_ts_offset', '86400'],
  },
  expect: { seconds: 2, picture: PICTURE_OF_CLIP, sound: SOUND_OF_CLIP },
});
