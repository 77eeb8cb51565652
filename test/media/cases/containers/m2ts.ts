import { H264, PICTURE_OF_CLIP, picture, SOUND_OF_CLIP, tone } from '../../../support/corpus/clip.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('A transport stream of Blu-ray cameras with AC-3 plays', {
  source: {
    name: 'clip.m2ts',
    args: [...picture(), ...tone(), ...H264, '-c:a', 'ac3', '-mpegts_m2ts_mode', '1'],
  },
  expect: { seconds: 2, picture: PICTURE_OF_CLIP, sound: SOUND_OF_CLIP },
});
