import { H264, PICTURE_OF_CLIP, picture, SOUND_OF_CLIP, tone } from '../../../support/corpus/clip.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('of two pictures the one is shown that the file marks as its default', {
  source: {
    name: 'cameras.mp4',
    args: [
      '-f',
      'lavfi',
      '-i',
      'color=c=black:s=32x24:r=25:d=2',
      ...picture(),
      ...tone(),
      '-map',
      '0',
      '-map',
      '1',
      '-map',
      '2',
      '-disposition:v:0',
      '0',
      '-disposition:v:1',
      'default',
      ...H264,
      '-c:a',
      'aac',
    ],
  },
  expect: {
    notes: [/^The file has more than one picture; that of track 1 was left out\.$/],
    seconds: 2,
    picture: PICTURE_OF_CLIP,
    sound: SOUND_OF_CLIP,
  },
});
