import { PICTURE_OF_CLIP, picture, roughly, SOUND_OF_CLIP, tone } from '../../../support/corpus/clip.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('WebM with VP8 and Vorbis plays', {
  source: {
    name: 'clip.webm',
    args: [
      ...picture(),
      ...tone(),
      '-c:v',
      'libvpx',
      '-deadline',
      'realtime',
      '-cpu-used',
      '8',
      '-b:v',
      '400k',
      '-c:a',
      'libvorbis',
    ],
  },
  expect: { seconds: 2, picture: roughly(PICTURE_OF_CLIP), sound: SOUND_OF_CLIP },
});
