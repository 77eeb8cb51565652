import { coloursOfClip, picture } from '../../../support/corpus/clip.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('the colours of BT.709 in HDR10 come out as they went in', {
  source: {
    name: 'clip.mkv',
    args: [
      ...picture({ seconds: 1 }),
      ...[
        '-vf',
        'zscale=pin=bt709:tin=bt709:min=bt709:rin=limited:p=bt2020:t=smpte2084:m=bt2020nc:npl=203,format=yuv444p10le',
        '-c:v',
        'ffv1',
      ],
    ],
  },
  expect: {
    seconds: 1,
    notes: [/^The picture is in HDR \(PQ\)/],
    picture: { colours: coloursOfClip(30) },
    thumbnail: { colours: coloursOfClip(30) },
  },
});
