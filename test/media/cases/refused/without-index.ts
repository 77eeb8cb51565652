import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { H264, picture, tone } from '../../../support/corpus/clip.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('MP4 whose index was cut off with its end is refused', {
  source: {
    name: 'cut.mp4',
    make: async ({ ffmpeg, dir, file }) => {
      await ffmpeg(...picture(), ...tone(), ...H264, '-c:a', 'aac', 'whole.mp4');
      const whole = await readFile(join(dir, 'whole.mp4'));
      await writeFile(file, whole.subarray(0, whole.indexOf('moov') - 4));
    },
  },
  expect: { fails: /^the file is damaged, or of a format that is not accepted$/ },
});
