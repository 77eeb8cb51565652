import { H264, PICTURE_OF_CLIP, picture, SOUND_OF_CLIP, tone } from '../../../support/corpus/clip.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('of two sound tracks the one is heard that the file marks as its default', {
  source: {
    name: 'tracks.mkv',
    args: [
      ...picture(),
      '-f',
      'lavfi',
      '-i',
      'aevalsrc=0|0:d=2:s=48000',
      ...tone(),
      '-map',
      '0',
      '-map',
      '1',
      '-map',
      '2',
      '-disposition:a:0',
      '0',
      '-disposition:a:1',
      'default',
      ...H264,
      '-c:a',
      'aac',
    ],
  },
  expect: {
    notes: [/^The file has more than one sound; that of track 2 was left out\.$/],
    seconds: 2,
    picture: PICTURE_OF_CLIP,
    sound: SOUND_OF_CLIP,
  },
});
