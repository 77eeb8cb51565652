import { FLASH_AT, H264, picture, tone } from '../../../support/corpus/clip.ts';
import { ALL_FORMS } from '../../../support/corpus/forms.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

const LATE_SECONDS = 1.4;

for (const name of ['camera.mp4', 'camera.mkv']) {
  mediaCase(`a picture that begins late in ${name} is held before its time`, {
    source: {
      name,
      args: [
        ...tone({ seconds: 3.4 }),
        ...['-itsoffset', String(LATE_SECONDS), ...picture({ seconds: 2 })],
        ...['-map', '1', '-map', '0', ...H264, '-c:a', 'aac'],
      ],
    },
    request: ALL_FORMS,
    expect: {
      seconds: 3.4,
      picture: { rate: 25, flash: LATE_SECONDS + FLASH_AT },
      sound: { beep: FLASH_AT, levels: [{ from: 0.2, to: 0.8, dB: [-23, -23] }] },
    },
  });
}
