import { H264, PICTURE_OF_CLIP, picture, SOUND_OF_CLIP, tone } from '../../../support/corpus/clip.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('a recording during which the 33 bits of its times overflow plays through', {
  source: {
    name: 'wrap.ts',
    args: [...picture(), ...tone(), ...H264, '-c:a', 'aac', '-output_ts_offset', '95442.2'],
  },
  expect: { seconds: 2, picture: PICTURE_OF_CLIP, sound: SOUND_OF_CLIP },
});
