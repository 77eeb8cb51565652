import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { mediaCase } from '../../../support/corpus/media-case.ts';

const PART = [
  ...['-f', 'lavfi', '-i', 'testsrc2=s=160x90:r=10:d=2', '-f', 'lavfi', '-i', 'sine=d=2'],
  ...['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-c:a', 'mp2'],
];

mediaCase('two recordings one after the other in a transport stream play both', {
  source: {
    name: 'joined.ts',
    make: async ({ file, dir, ffmpeg }) => {
      await ffmpeg(...PART, 'first.ts');
      const part = await readFile(join(dir, 'first.ts'));
      await writeFile(file, Buffer.concat([part, part]));
    },
  },
  expect: {
    seconds: 4,
    picture: { changes: 40 },
    sound: { levels: [{ from: 2.3, to: 3.7, dB: [-22, -22], within: 4 }] },
    notes: [/^The times in the file jump after 2 s; its parts are played one after the other\.$/],
  },
});
