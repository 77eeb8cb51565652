import { coloursOfClip, picture } from '../../../support/corpus/clip.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('the colours of BT.709 in BT.2020 without HDR come out as they went in', {
  source: {
    name: 'clip.mkv',
    args: [
      ...picture({ seconds: 1 }),
      ...[
        '-vf',
        'format=yuv444p10le,colorspace=iall=bt709:irange=tv:all=bt2020:format=yuv444p10',
        '-c:v',
        'ffv1',
      ],
    ],
  },
  expect: {
    seconds: 1,
    picture: { colours: coloursOfClip() },
    thumbnail: { colours: coloursOfClip() },
  },
});
