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

/** Seconds that a picture of 10 a second begins after its sound: half of a picture. */
const HALF_PICTURE = 0.05;
const FLASH_OF_HALF = HALF_PICTURE + FLASH_AT;
const BEEP = `gte(t,${FLASH_OF_HALF})*lt(t,${FLASH_OF_HALF}+0.125)*sin(2*PI*440*t)`;

mediaCase('a picture that begins half a picture after the sound is shown in time', {
  source: {
    name: 'half.mkv',
    make: async ({ file, ffmpeg }) => {
      await ffmpeg(...picture({ rate: 10 }), ...H264, 'picture.mkv');
      await ffmpeg(
        ...['-f', 'lavfi', '-i', `aevalsrc='${BEEP}':d=2:s=48000`],
        ...['-itsoffset', String(HALF_PICTURE), '-i', 'picture.mkv'],
        ...['-map', '1', '-map', '0', '-c:v', 'copy', '-c:a', 'pcm_s16le', file],
      );
    },
  },
  // The media begins half a picture before the sound, so that no sound is left out.
  expect: {
    seconds: 2 * HALF_PICTURE + 2,
    picture: { rate: 10, count: 21, flash: HALF_PICTURE + FLASH_OF_HALF },
    sound: { beep: HALF_PICTURE + FLASH_OF_HALF },
  },
});
