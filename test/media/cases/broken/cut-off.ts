import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('a file that was cut off plays up to its end, and says what is missing', {
  source: {
    name: 'cut-off.mp4',
    make: async ({ file, dir, ffmpeg }) => {
      await ffmpeg(
        ...['-f', 'lavfi', '-i', 'testsrc2=s=160x90:r=10:d=4', '-f', 'lavfi', '-i', 'sine=d=4'],
        ...[
          '-c:v',
          'libx264',
          '-preset',
          'ultrafast',
          '-pix_fmt',
          'yuv420p',
          '-g',
          '5',
          '-movflags',
          '+faststart',
        ],
        'whole.mp4',
      );
      const whole = await readFile(join(dir, 'whole.mp4'));
      await writeFile(file, whole.subarray(0, whole.length / 2));
    },
  },
  expect: {
    seconds: 2,
    picture: {},
    sound: {},
    notes: [/^The file ends after [12](\.\d)? s of the 4 s that it states/],
  },
});

mediaCase('a recording whose container says no duration tells that it was cut off', {
  source: {
    name: 'cut-off.avi',
    make: async ({ file, dir, ffmpeg }) => {
      const picture = ['-f', 'lavfi', '-i', 'testsrc2=s=160x90:r=10:d=4'];
      await ffmpeg(...picture, '-f', 'lavfi', '-i', 'sine=d=4', '-c:v', 'mjpeg', 'whole.avi');
      const whole = await readFile(join(dir, 'whole.avi'));
      await writeFile(file, whole.subarray(0, whole.length / 2));
    },
  },
  expect: {
    seconds: 1.8,
    picture: {},
    sound: {},
    notes: [
      /^The file was cut off: it ends after [12](\.\d)? s, and at least \d+ bytes of it are missing\.$/,
    ],
  },
});
