import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('a file of subtitles alone is refused, because there is nothing to see or hear', {
  source: {
    name: 'words.mkv',
    make: async ({ ffmpeg, dir, file }) => {
      await writeFile(join(dir, 'words.srt'), '1\n00:00:00,200 --> 00:00:01,800\nWords\n');
      await ffmpeg('-i', 'words.srt', '-c', 'copy', file);
    },
  },
  expect: { fails: /^the file contains no video or audio that can be decoded$/ },
});
