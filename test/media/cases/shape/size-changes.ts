import { H264 } from '../../../support/corpus/clip.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

/** Half a second of one colour, of a size of its own. */
const part = (colour: string, size: string) =>
  ['-f', 'lavfi', '-i', `color=${colour}:s=${size}:r=25:d=0.4`] as const;

mediaCase('pictures of another shape in the middle of a file get bars, and are not stretched', {
  source: {
    name: 'parts.ts',
    make: async ({ file, ffmpeg }) => {
      await ffmpeg(...part('white', '128x96'), ...H264, '-pix_fmt', 'yuv420p', 'first.ts');
      await ffmpeg(...part('white', '96x128'), ...H264, '-pix_fmt', 'yuv420p', 'second.ts');
      await ffmpeg('-i', 'concat:first.ts|second.ts', '-c', 'copy', file);
    },
  },
  expect: {
    notes: [/^The size of the picture changes from 128×96 to 96×128; all of it is fitted into one size\.$/],
    seconds: 0.8,
    picture: {
      size: '128x96',
      colours: [
        { at: [0.05, 0.5], is: [255, 255, 255], time: 0.2 },
        { at: [0.05, 0.5], is: [0, 0, 0], time: 0.7 },
        { at: [0.5, 0.05], is: [255, 255, 255], time: 0.7 },
        { at: [0.5, 0.5], is: [255, 255, 255], time: 0.7 },
      ],
    },
  },
});
