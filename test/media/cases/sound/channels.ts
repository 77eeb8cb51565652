import { mediaCase } from '../../../support/corpus/media-case.ts';

/** Returns an input with a tone in some of `channels`, each of the level -23 dB. */
function tones(channels: number, heard: readonly number[], layout = ''): string[] {
  const one = (channel: number) => (heard.includes(channel) ? 'sin(2*PI*440*t)/10' : '0');
  const expressions = Array.from({ length: channels }, (_, channel) => one(channel)).join('|');
  return ['-f', 'lavfi', '-i', `aevalsrc=exprs='${expressions}'${layout}:d=1:s=48000`];
}

const NOTHING = Number.NEGATIVE_INFINITY;

mediaCase('speech of 5.1 is as loud as it was, in the middle', {
  source: { name: 'film.mkv', args: [...tones(6, [2], ':c=5.1'), '-c:a', 'flac'] },
  expect: { seconds: 1, sound: { levels: [{ from: 0.2, to: 0.8, dB: [-26, -26] }] } },
});

mediaCase('the left side of 7.1 is heard on the left', {
  source: { name: 'cinema.mkv', args: [...tones(8, [0], ':c=7.1'), '-c:a', 'flac'] },
  expect: { seconds: 1, sound: { levels: [{ from: 0.2, to: 0.8, dB: [-23, NOTHING] }] } },
});

for (const [channels, level] of [
  [9, -30],
  [12, -30.8],
  [32, -35],
] as const) {
  mediaCase(`the fifth of ${channels} channels without names is heard on the left, and the account is told`, {
    source: { name: 'stage.wav', args: [...tones(channels, [4]), '-c:a', 'pcm_s16le'] },
    expect: {
      seconds: 1,
      sound: { levels: [{ from: 0.2, to: 0.8, dB: [level, NOTHING] }] },
      notes: [new RegExp(`${channels} channels`)],
    },
  });
}

mediaCase('ambisonic sound is heard from the front, and the account is told', {
  source: { name: 'around.opus', args: [...tones(4, [0]), '-c:a', 'libopus', '-mapping_family', '2'] },
  expect: {
    seconds: 1,
    sound: { levels: [{ from: 0.3, to: 0.7, dB: [-26, -26] }] },
    notes: [/ambisonic/],
  },
});

mediaCase('sound of 8 kHz is played', {
  source: {
    name: 'rates.mkv',
    args: ['-f', 'lavfi', '-i', 'aevalsrc=0.1*sin(2*PI*440*t):d=1:s=8000', '-c:a', 'pcm_s16le'],
  },
  expect: { seconds: 1, sound: { sampleRate: 48_000, levels: [{ from: 0.2, to: 0.8, dB: [-23, -23] }] } },
});

mediaCase('sound of 192 kHz is played', {
  source: {
    name: 'studio.wav',
    args: ['-f', 'lavfi', '-i', 'aevalsrc=0.1*sin(2*PI*440*t):d=1:s=192000', '-c:a', 'pcm_s24le'],
  },
  expect: { seconds: 1, sound: { sampleRate: 48_000, levels: [{ from: 0.2, to: 0.8, dB: [-23, -23] }] } },
});
