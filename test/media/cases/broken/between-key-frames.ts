import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('a recording that begins long before its first key frame has its picture', {
  source: {
    name: 'between.ts',
    make: async ({ file, dir, ffmpeg }) => {
      await ffmpeg(
        ...['-f', 'lavfi', '-i', 'color=red:s=160x90:r=5:d=16', '-f', 'lavfi', '-i', 'sine=d=16'],
        ...[
          '-c:v',
          'libx264',
          '-preset',
          'ultrafast',
          '-pix_fmt',
          'yuv420p',
          '-g',
          '60',
          '-sc_threshold',
          '0',
        ],
        ...['-c:a', 'mp2', 'whole.ts'],
      );
      const whole = await readFile(join(dir, 'whole.ts'));
      await writeFile(file, whole.subarray(Math.floor(whole.length / 4 / 188) * 188));
    },
  },
  request: { qualities: [{ resolution: '144p' }], segmentDuration: 4 },
  expect: {
    seconds: 12,
    picture: {},
    sound: {},
    notes: [/^The first [78](\.\d)? s of the picture can't be decoded/],
  },
});
