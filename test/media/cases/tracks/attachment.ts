import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { H264, PICTURE_OF_CLIP, picture, SOUND_OF_CLIP, tone } from '../../../support/corpus/clip.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('a font attached to Matroska changes nothing', {
  source: {
    name: 'font.mkv',
    make: async ({ ffmpeg, dir, file }) => {
      await writeFile(join(dir, 'font.ttf'), 'no real font');
      const attached = ['-attach', 'font.ttf', '-metadata:s:t', 'mimetype=application/x-truetype-font'];
      await ffmpeg(...picture(), ...tone(), ...attached, ...H264, '-c:a', 'aac', file);
    },
  },
  expect: { seconds: 2, picture: PICTURE_OF_CLIP, sound: SOUND_OF_CLIP },
});
