import { SOUND_OF_CLIP, tone } from '../../../support/corpus/clip.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('mono is as loud on both sides as it was', {
  source: { name: 'mono.flac', args: tone({ channels: 1 }) },
  expect: { seconds: 2, sound: SOUND_OF_CLIP },
});

/** Tones of -23 dB for the first, and -9 dB for the second. */
const QUIET = ['-f', 'lavfi', '-i', 'aevalsrc=0.1*sin(2*PI*440*t):d=2:s=48000'];
const LOUD = ['-f', 'lavfi', '-i', 'aevalsrc=0.5*sin(2*PI*440*t):d=2:s=48000'];

mediaCase('two streams of one channel are left and right', {
  source: {
    name: 'camera.mov',
    args: [...QUIET, ...LOUD, '-map', '0', '-map', '1', '-c:a', 'pcm_s16le'],
  },
  expect: { seconds: 2, sound: { levels: [{ from: 0.3, to: 1.7, dB: [-23, -9] }] } },
});

mediaCase('of two languages, only the first is heard, on both sides', {
  source: {
    name: 'languages.mkv',
    args: [
      ...[...QUIET, ...LOUD, '-map', '0', '-map', '1', '-c:a', 'flac'],
      ...['-metadata:s:0', 'language=eng', '-metadata:s:1', 'language=fra'],
    ],
  },
  expect: {
    seconds: 2,
    sound: { levels: [{ from: 0.3, to: 1.7, dB: [-23, -23] }] },
    notes: [/more than one sound/],
  },
});
