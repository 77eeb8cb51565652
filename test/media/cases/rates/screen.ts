import { H264, movingPicture } from '../../../support/corpus/clip.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('a recording of a screen that is still at times keeps its pictures where something moves', {
  source: {
    name: 'screen.mkv',
    args: [
      ...movingPicture({ rate: 30, seconds: 6 }),
      ...['-vf', "select='between(t,2,3.2)+not(mod(n,30))'", '-fps_mode', 'vfr', ...H264],
    ],
  },
  expect: { seconds: 5.03, picture: { rate: 30 } },
});
