import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mediaCase } from '../../../support/corpus/media-case.ts';

const part = (size: string, hertz: number) => [
  ...['-f', 'lavfi', '-i', `testsrc2=s=${size}:r=10:d=2`, '-f', 'lavfi', '-i', `sine=d=2:r=${hertz}`],
  ...['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-c:a', 'aac'],
];

mediaCase('a recording whose size changes midway plays in one size, and says so', {
  source: {
    name: 'changing.ts',
    make: async ({ file, dir, ffmpeg }) => {
      await ffmpeg(...part('160x90', 48_000), 'small.ts');
      await ffmpeg(...part('320x180', 48_000), '-output_ts_offset', '2', 'large.ts');
      const parts = [await readFile(join(dir, 'small.ts')), await readFile(join(dir, 'large.ts'))];
      await writeFile(file, Buffer.concat(parts));
    },
  },
  expect: {
    seconds: 4,
    picture: { size: '160x90', count: 40 },
    sound: {},
    notes: [/^The size of the picture changes from 160×90 to 320×180/],
  },
});
