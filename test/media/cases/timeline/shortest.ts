import { H264, movingPicture, tone } from '../../../support/corpus/clip.ts';
import { ALL_FORMS } from '../../../support/corpus/forms.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('a media of one picture and less sound than a frame of AAC plays', {
  source: {
    name: 'tiny.mkv',
    args: [...movingPicture({ seconds: 0.04 }), ...tone({ seconds: 0.01 }), ...H264, '-c:a', 'pcm_s16le'],
  },
  request: ALL_FORMS,
  expect: {
    seconds: 0.04,
    picture: { count: 1 },
    sound: {},
    notes: [/^The segments of HLS are in fragmented MP4/],
  },
});

mediaCase('pictures that last less than one encoded picture together are one picture', {
  source: { name: 'short.mkv', args: [...movingPicture({ seconds: 0.003, rate: 1000 }), ...H264] },
  expect: {
    seconds: 0.003,
    picture: { count: 1 },
    notes: [/^The segments of HLS are in fragmented MP4/],
  },
});

mediaCase('a picture alone plays', {
  source: { name: 'alone.mp4', args: [...movingPicture({ seconds: 1.04 }), ...H264] },
  request: ALL_FORMS,
  expect: { seconds: 1.04, picture: { count: 26, rate: 25 } },
});

mediaCase('sound alone plays', {
  source: { name: 'alone.flac', args: tone({ seconds: 1.3 }) },
  request: ALL_FORMS,
  expect: { seconds: 1.3, sound: { levels: [{ from: 0.2, to: 0.8, dB: [-23, -23] }] } },
});
