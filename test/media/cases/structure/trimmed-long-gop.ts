import { coloursOfClip, H264, PICTURE_OF_CLIP, picture, tone } from '../../../support/corpus/clip.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('MP4 of one key frame that was cut without encoding keeps its picture', {
  source: {
    name: 'trimmed.mp4',
    make: async ({ ffmpeg, file }) => {
      await ffmpeg(
        ...picture({ seconds: 3 }),
        ...tone({ seconds: 3 }),
        ...H264,
        '-g',
        '250',
        '-c:a',
        'aac',
        'whole.mp4',
      );
      await ffmpeg('-ss', '0.6', '-i', 'whole.mp4', '-c', 'copy', file);
    },
  },
  expect: {
    seconds: 2.4,
    picture: { ...PICTURE_OF_CLIP, flash: 0.4, colours: coloursOfClip(12, 0.2) },
    sound: { beep: 0.4 },
  },
});
