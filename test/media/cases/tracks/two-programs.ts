import { H264, PICTURE_OF_CLIP, picture, SOUND_OF_CLIP, tone } from '../../../support/corpus/clip.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('of two programs of a transport stream the first is played', {
  source: {
    name: 'programs.ts',
    args: [
      ...picture(),
      ...tone(),
      '-f',
      'lavfi',
      '-i',
      'color=c=black:s=32x24:r=25:d=2',
      '-map',
      '0',
      '-map',
      '1',
      '-map',
      '2',
      '-program',
      'title=one:st=0:st=1',
      '-program',
      'title=two:st=2',
      ...H264,
      '-c:a',
      'aac',
    ],
  },
  expect: {
    notes: [/^The file has more than one picture; that of track 3 was left out\.$/],
    seconds: 2,
    picture: PICTURE_OF_CLIP,
    sound: SOUND_OF_CLIP,
  },
});
