import { picture, SOUND_OF_CLIP, tone } from '../../../support/corpus/clip.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('a cover in an M4A is the thumbnail, and no video', {
  source: {
    name: 'song.m4a',
    make: async ({ ffmpeg, file }) => {
      await ffmpeg(...picture(), '-frames:v', '1', '-q:v', '2', 'cover.jpg');
      const cover = [
        '-i',
        'cover.jpg',
        '-map',
        '0',
        '-map',
        '1',
        '-c:v',
        'copy',
        '-disposition:v',
        'attached_pic',
      ];
      await ffmpeg(...tone(), ...cover, '-c:a', 'aac', file);
    },
  },
  expect: { seconds: 2, sound: SOUND_OF_CLIP, thumbnail: { size: '64x48' } },
});
