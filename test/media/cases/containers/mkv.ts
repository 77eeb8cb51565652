import { H264, PICTURE_OF_CLIP, picture, SOUND_OF_CLIP, tone } from '../../../support/corpus/clip.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('Matroska with H.264 and FLAC plays', {
  source: {
    name: 'clip.mkv',
    args: [...picture(), ...tone(), ...H264, '-c:a', 'flac'],
  },
  expect: { seconds: 2, picture: PICTURE_OF_CLIP, sound: SOUND_OF_CLIP },
});
