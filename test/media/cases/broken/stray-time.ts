import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { changingPicture, H264, SOUND_OF_CLIP, tone } from '../../../support/corpus/clip.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

/** Type of the tags of an FLV file that hold pictures, and sizes in bytes of the header of a tag and of what follows it. */
const PICTURE = 9;
const TAG = 11;
const BACK = 4;

mediaCase('a picture whose time is wrong by half an hour is left out, and the rest stays in time', {
  source: {
    name: 'stray.flv',
    make: async ({ file, dir, ffmpeg }) => {
      const encoded = [...H264, '-bf', '0', '-c:a', 'aac', '-ar', '44100'];
      await ffmpeg(...changingPicture({ rate: 10 }), ...tone(), ...encoded, 'whole.flv');
      const bytes = await readFile(join(dir, 'whole.flv'));
      let pictures = 0;
      for (let at = 9 + BACK; at + TAG < bytes.length; at += TAG + bytes.readUIntBE(at + 1, 3) + BACK) {
        if (bytes[at] === PICTURE) pictures += 1;
        // The time is in milliseconds. The first tag of pictures is the header of the codec.
        if (bytes[at] === PICTURE && pictures === 8) bytes[at + 4] = 0x20;
      }
      await writeFile(file, bytes);
    },
  },
  expect: {
    seconds: 2,
    picture: { rate: 10, count: 20, changes: 19 },
    sound: SOUND_OF_CLIP,
    notes: [/^The time of a piece after 0\.[67] s is wrong; it was left out/],
  },
});
