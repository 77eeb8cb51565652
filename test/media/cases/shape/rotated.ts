import { H264, PICTURE_OF_CLIP, picture } from '../../../support/corpus/clip.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

// The rotation counts against the clock, so that the left side comes down.
mediaCase('a picture is turned as the file says', {
  source: {
    name: 'turned.mp4',
    make: async ({ file, ffmpeg }) => {
      const box = 'drawbox=x=0:y=0:w=iw/2:h=ih:c=white:t=fill';
      await ffmpeg(
        '-f',
        'lavfi',
        '-i',
        `color=black:s=128x96:r=25:d=0.4,${box},format=yuv420p`,
        ...H264,
        'flat.mp4',
      );
      await ffmpeg('-i', 'flat.mp4', '-c', 'copy', '-metadata:s:v', 'rotate=90', file);
    },
  },
  // Transport streams do not hold so few pictures.
  request: { qualities: [{ containerType: 'mp4' }] },
  expect: {
    seconds: 0.4,
    picture: {
      size: '96x128',
      colours: [
        { at: [0.5, 0.8], is: [255, 255, 255], time: 0.2 },
        { at: [0.5, 0.2], is: [0, 0, 0], time: 0.2 },
      ],
    },
    thumbnail: {
      size: '96x128',
      colours: [
        { at: [0.5, 0.8], is: [255, 255, 255] },
        { at: [0.5, 0.2], is: [0, 0, 0] },
      ],
    },
  },
});

mediaCase('a picture that that should be turned by less than a quarter stays upright, as in browsers', {
  source: {
    name: 'askew.mov',
    args: [...picture(), ...H264, '-metadata:s:v', 'rotate=45'],
  },
  expect: { seconds: 2, picture: PICTURE_OF_CLIP },
});
