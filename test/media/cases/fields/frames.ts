import { movingPicture } from '../../../support/corpus/clip.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('frames that are not interlaced are left alone where the container says nothing about fields', {
  source: { name: 'frames.avi', args: [...movingPicture({ seconds: 0.4 }), '-c:v', 'mjpeg', '-q:v', '2'] },
  // Transport streams do not hold so few pictures.
  request: { qualities: [{ containerType: 'mp4' }] },
  expect: { seconds: 0.4, picture: { rate: 25, count: 10 } },
});
