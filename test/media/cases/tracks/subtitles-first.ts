import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { H264, PICTURE_OF_CLIP, picture, SOUND_OF_CLIP, tone } from '../../../support/corpus/clip.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('subtitles that begin before picture and sound change nothing', {
  source: {
    name: 'early.mkv',
    make: async ({ ffmpeg, dir, file }) => {
      await writeFile(join(dir, 'words.srt'), '1\n00:00:00,200 --> 00:00:01,800\nWords\n');
      const clip = ['-itsoffset', '3', ...picture(), '-itsoffset', '3', ...tone()];
      await ffmpeg(
        '-i',
        'words.srt',
        ...clip,
        '-map',
        '1',
        '-map',
        '2',
        '-map',
        '0',
        ...H264,
        '-c:a',
        'aac',
        file,
      );
    },
  },
  expect: { seconds: 2, picture: PICTURE_OF_CLIP, sound: SOUND_OF_CLIP },
});
