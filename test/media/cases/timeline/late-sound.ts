import { FLASH_AT, H264, picture, tone } from '../../../support/corpus/clip.ts';
import { ALL_FORMS } from '../../../support/corpus/forms.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

const LATE_SECONDS = 1.5;

for (const name of ['late.mp4', 'late.mkv', 'late.ts']) {
  mediaCase(`sound that begins late in ${name} follows silence, in time`, {
    source: {
      name,
      args: [
        ...picture({ seconds: 4 }),
        ...['-itsoffset', String(LATE_SECONDS), ...tone()],
        ...[...H264, '-c:a', 'aac'],
      ],
    },
    request: ALL_FORMS,
    expect: {
      seconds: 4,
      picture: { rate: 25, count: 100, flash: FLASH_AT },
      sound: {
        beep: LATE_SECONDS + FLASH_AT,
        levels: [
          { from: 0, to: 1.4, dB: [-Infinity, -Infinity] },
          { from: 1.6, to: 2.4, dB: [-23, -23] },
          { from: 3.6, to: 3.9, dB: [-Infinity, -Infinity] },
        ],
      },
    },
  });
}
