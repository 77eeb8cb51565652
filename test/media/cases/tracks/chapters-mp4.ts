import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { H264, PICTURE_OF_CLIP, picture, SOUND_OF_CLIP, tone } from '../../../support/corpus/clip.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('chapters of MP4, which are a track of text, change nothing', {
  source: {
    name: 'chapters.mp4',
    make: async ({ ffmpeg, dir, file }) => {
      const chapter = '[CHAPTER]\nTIMEBASE=1/1000\nSTART=500\nEND=1500\ntitle=Middle\n';
      await writeFile(join(dir, 'chapters.txt'), `;FFMETADATA1\n${chapter}`);
      const inputs = [...picture(), ...tone(), '-f', 'ffmetadata', '-i', 'chapters.txt'];
      await ffmpeg(...inputs, '-map_chapters', '2', ...H264, '-c:a', 'aac', file);
    },
  },
  expect: { seconds: 2, picture: PICTURE_OF_CLIP, sound: SOUND_OF_CLIP },
});
