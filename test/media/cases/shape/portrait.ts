import { H264, PICTURE_OF_CLIP, picture } from '../../../support/corpus/clip.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('a portrait picture stays portrait, and its short side is the quality’s', {
  source: {
    name: 'portrait.mp4',
    args: [...picture({ size: '180x320', seconds: 1.2 }), ...H264],
  },
  request: { qualities: [{ resolution: '144p' }] },
  expect: { seconds: 1.2, picture: { ...PICTURE_OF_CLIP, size: '144x256' } },
});
