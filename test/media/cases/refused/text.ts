import { writeFile } from 'node:fs/promises';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('a text with the name of a video is refused as no media', {
  source: { name: 'video.mp4', make: ({ file }) => writeFile(file, 'This is no video.\n'.repeat(200)) },
  expect: { fails: /^the file is damaged, or of a format that is not accepted$/ },
});
