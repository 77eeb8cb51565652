import { writeFile } from 'node:fs/promises';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('an empty file is refused', {
  source: { name: 'video.mp4', make: ({ file }) => writeFile(file, '') },
  expect: { fails: /^the file is damaged, or of a format that is not accepted$/ },
});
