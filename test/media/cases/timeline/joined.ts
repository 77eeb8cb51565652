import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FLASH_AT, H264, picture, tone } from '../../../support/corpus/clip.ts';
import type { Bench } from '../../../support/corpus/definition.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

/** Makes a transport stream of a recording that is there twice. */
const twice =
  (...args: readonly string[]) =>
  async ({ file, dir, ffmpeg }: Bench) => {
    await ffmpeg(...args, 'first.ts');
    const part = await readFile(join(dir, 'first.ts'));
    await writeFile(file, Buffer.concat([part, part]));
  };

/** RMS in dBFS of the filter `sine`, whose peak is an eighth of full level. */
const SINE_DB = 20 * Math.log10(0.125 * Math.SQRT1_2);

mediaCase('two recordings one after the other in a transport stream play both', {
  source: {
    name: 'joined.ts',
    make: twice(
      ...['-f', 'lavfi', '-i', 'testsrc2=s=160x90:r=10:d=2', '-f', 'lavfi', '-i', 'sine=d=2'],
      ...['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-c:a', 'mp2'],
    ),
  },
  expect: {
    seconds: 4,
    picture: { changes: 40 },
    sound: {
      levels: [
        { from: 0.1, to: 1.9, dB: [SINE_DB, SINE_DB], within: 0.5 },
        { from: 2.1, to: 3.7, dB: [SINE_DB, SINE_DB], within: 0.5 },
      ],
    },
    notes: [/^The times in the file jump after 2 s; its parts are played one after the other\.$/],
  },
});

/** Seconds by which the sound of each recording begins after its picture. */
const LATE_SECONDS = 0.6;

mediaCase('the sound alone of two recordings is heard when it was heard beside the picture', {
  source: {
    name: 'late.ts',
    make: twice(
      ...picture({ seconds: 2 }),
      ...['-itsoffset', String(LATE_SECONDS), ...tone({ seconds: 1.4 })],
      ...[...H264, '-c:a', 'mp2'],
    ),
  },
  request: { type: 'audio' },
  expect: {
    seconds: 4,
    sound: {
      beep: LATE_SECONDS + FLASH_AT,
      levels: [
        { from: 0, to: 0.5, dB: [-Infinity, -Infinity] },
        { from: 0.8, to: 1.4, dB: [-23, -23] },
        { from: 2.2, to: 2.5, dB: [-Infinity, -Infinity] },
        { from: 2.8, to: 3.4, dB: [-23, -23] },
      ],
    },
    notes: [/^The times in the file jump/, /^The picture of the file was left out/],
  },
});
