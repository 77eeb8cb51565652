import { FLASH_AT, H264, picture, tone } from '../../../support/corpus/clip.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

/** Beeps every second by the clock of the microphone, the last one alone loud. */
const LAST_BEEP = 20;
const LOUDER = `if(gte(t,${LAST_BEEP}),0.9,0.05)*lt(mod(t,1),0.1)`;
const BEEPS = ['-f', 'lavfi', '-i', `aevalsrc='${LOUDER}*sin(2*PI*440*t)':d=${LAST_BEEP + 1}:s=48000`];

for (const [words, scale] of [
  ['slower', 1.01],
  ['faster', 0.99],
] as const) {
  mediaCase(`the clock of a microphone that is 1 % ${words} leaves the sound in time`, {
    source: {
      name: 'drift.mkv',
      args: [...BEEPS, '-c:a', 'pcm_s16le', '-bsf:a', `setts=ts=TS*${scale}`],
    },
    request: { segmentDuration: 4 },
    expect: {
      seconds: (LAST_BEEP + 1) * scale,
      sound: { beep: LAST_BEEP * scale },
    },
  });
}

mediaCase('a gap in the sound is silent, and the sound after it in time', {
  source: {
    name: 'gap.mkv',
    args: [
      ...[...picture({ seconds: 3 }), ...tone({ seconds: 3 }), ...H264, '-c:a', 'pcm_s16le'],
      ...['-bsf:a', "noise=drop='between(n,19,37)'"],
    ],
  },
  expect: {
    seconds: 3,
    picture: { flash: FLASH_AT },
    sound: { beep: FLASH_AT, levels: [{ from: 0.5, to: 0.7, dB: [-Infinity, -Infinity] }] },
  },
});

mediaCase('sound after two lost packets is in time at once', {
  source: {
    name: 'lost.mkv',
    args: [
      ...[...picture(), ...tone(), ...H264, '-c:a', 'aac'],
      ...['-bsf:a', "noise=drop='between(n,35,36)'"],
    ],
  },
  expect: { seconds: 2, picture: { flash: FLASH_AT }, sound: { beep: FLASH_AT } },
});
