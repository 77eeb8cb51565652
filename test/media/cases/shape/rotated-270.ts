import { H264, picture } from '../../../support/corpus/clip.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('a video that a phone rotated by 270 degrees stands upright', {
  source: {
    name: 'phone.mp4',
    make: async ({ ffmpeg, file }) => {
      await ffmpeg(...picture(), ...H264, 'upright.mp4');
      await ffmpeg('-i', 'upright.mp4', '-c', 'copy', '-metadata:s:v', 'rotate=270', file);
    },
  },
  expect: {
    seconds: 2,
    picture: {
      size: '48x64',
      rate: 25,
      colours: [
        { at: [0.75, 0.25], is: [255, 0, 0] },
        { at: [0.75, 0.75], is: [0, 255, 0] },
        { at: [0.25, 0.25], is: [0, 0, 255] },
      ],
    },
    thumbnail: { size: '48x64' },
  },
});
