import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('a sound track that is declared and empty leaves a silent video', {
  source: {
    name: 'declared.webm',
    args: [
      ...[
        '-f',
        'lavfi',
        '-i',
        'testsrc2=s=160x90:r=10:d=2',
        '-f',
        'lavfi',
        '-i',
        'anullsrc=r=48000:d=2,aselect=0',
      ],
      ...['-map', '0', '-map', '1', '-c:v', 'libvpx', '-deadline', 'realtime', '-c:a', 'libopus'],
    ],
  },
  request: { qualities: [{}, { type: 'dash', containerType: 'fmp4' }] },
  expect: {
    seconds: 2,
    picture: { count: 20 },
    notes: [/^The file declares a sound track that holds no sound; the media has no sound\.$/],
  },
});
