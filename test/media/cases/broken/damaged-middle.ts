import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bench } from '../../../support/corpus/definition.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

/** Makes a clip of three seconds, and overwrites its third fifth with zeros. */
const overwritten =
  (name: string, ...args: readonly string[]) =>
  async ({ file, dir, ffmpeg }: Bench) => {
    await ffmpeg(
      ...['-f', 'lavfi', '-i', 'testsrc2=s=160x90:r=10:d=3', '-f', 'lavfi', '-i', 'sine=d=3'],
      ...['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '5', '-c:a', 'aac', ...args, name],
    );
    const bytes = await readFile(join(dir, name));
    await writeFile(file, bytes.fill(0, Math.floor(bytes.length * 0.4), Math.floor(bytes.length * 0.6)));
  };

const PARTS = /: from 1(\.\d)? s to (1\.\d|2) s\.$/;

mediaCase('a file that is damaged in the middle plays to its end, and says which part is lost', {
  source: { name: 'damaged.mp4', make: overwritten('whole.mp4', '-movflags', '+faststart') },
  request: { qualities: [{}, { resolution: '144p', type: 'dash', containerType: 'fmp4' }] },
  expect: {
    seconds: 3,
    picture: { rate: 10 },
    sound: {},
    notes: [
      new RegExp(`^A part of the picture can't be decoded${PARTS.source}`),
      new RegExp(`^A part of the sound can't be decoded${PARTS.source}`),
    ],
  },
});

mediaCase('a file whose container is damaged in the middle says which part is lost', {
  source: { name: 'damaged.mkv', make: overwritten('whole.mkv', '-cluster_time_limit', '300') },
  expect: {
    seconds: 3,
    picture: { rate: 10 },
    sound: {},
    notes: [
      /^The file holds nothing that can be played from 1(\.\d)? s to (1\.\d|2(\.\d)?) s\.$/,
      // The first picture after the gap refers to pictures that are gone.
      /^A part of the picture can't be decoded/,
    ],
  },
});
