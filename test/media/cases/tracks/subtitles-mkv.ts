import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { H264, PICTURE_OF_CLIP, picture, SOUND_OF_CLIP, tone } from '../../../support/corpus/clip.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('subtitles beside the picture in Matroska change nothing', {
  source: {
    name: 'subtitled.mkv',
    make: async ({ ffmpeg, dir, file }) => {
      await writeFile(join(dir, 'words.srt'), '1\n00:00:00,200 --> 00:00:01,800\nWords\n');
      await ffmpeg(...picture(), ...tone(), '-i', 'words.srt', ...H264, '-c:a', 'aac', '-c:s', 'srt', file);
    },
  },
  expect: { seconds: 2, picture: PICTURE_OF_CLIP, sound: SOUND_OF_CLIP },
});
