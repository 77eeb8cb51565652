import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FLASH_AT, H264, picture, tone } from '../../../support/corpus/clip.ts';
import type { Bench } from '../../../support/corpus/definition.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

/** Pictures a second. Pictures of the second part can lie between those of the first, so that the flash is up to 10 ms off. */
const RATE = 50;

/** Makes a transport stream of a second with one form of sound, and two seconds with a flash, a beep and another form. */
function makeParts(
  [first, second]: readonly [Parameters<typeof tone>[0], Parameters<typeof tone>[0]],
  { codec = 'mp2', isContinuous = true } = {},
) {
  return async ({ file, dir, ffmpeg }: Bench) => {
    const [sound, offset] = [['-c:a', codec], isContinuous ? ['-output_ts_offset', '1'] : []];
    await ffmpeg(
      ...picture({ seconds: 1, rate: RATE }),
      ...tone({ seconds: 1, ...first }),
      ...H264,
      ...sound,
      'a.ts',
    );
    await ffmpeg(...picture({ rate: RATE }), ...tone(second), ...H264, ...sound, ...offset, 'b.ts');
    await writeFile(
      file,
      Buffer.concat([await readFile(join(dir, 'a.ts')), await readFile(join(dir, 'b.ts'))]),
    );
  };
}

const AT = 1 + FLASH_AT;
const NOTE =
  /^The sample rate or the channels of the sound change in the middle; all of it is converted to one form\.$/;
const EXPECTED = {
  seconds: 3,
  picture: { rate: RATE, flash: AT },
  sound: {
    beep: AT,
    levels: [
      { from: 0.2, to: 0.8, dB: [-23, -23] },
      { from: 1.2, to: 1.8, dB: [-23, -23] },
      { from: 2.3, to: 2.8, dB: [-23, -23] },
    ],
  },
} as const;

mediaCase('sound whose sample rate and layout change in the middle is in time, and as loud as it was', {
  source: { name: 'rate.ts', make: makeParts([{ channels: 1, rate: 44_100 }, { rate: 48_000 }]) },
  expect: { ...EXPECTED, notes: [NOTE] },
});

mediaCase('sound that changes to mono in the middle is in time, and as loud as it was', {
  source: { name: 'mono.ts', make: makeParts([{ channels: 2 }, { channels: 1 }], { codec: 'aac' }) },
  expect: { ...EXPECTED, notes: [NOTE] },
});

mediaCase('recordings one after the other with other sample rates play in time', {
  source: {
    name: 'recordings.ts',
    make: makeParts([{ rate: 48_000 }, { rate: 44_100 }], { isContinuous: false }),
  },
  expect: { ...EXPECTED, notes: [/^The times in the file jump/, NOTE] },
});
