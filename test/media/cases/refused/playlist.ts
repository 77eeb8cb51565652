import { writeFile } from 'node:fs/promises';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('a playlist is refused, because it names other files', {
  source: {
    name: 'list.m3u8',
    make: ({ file }) => writeFile(file, '#EXTM3U\n#EXTINF:2,\nsegment.ts\n#EXT-X-ENDLIST\n'),
  },
  expect: { fails: /^the file is damaged, or of a format that is not accepted$/ },
});
