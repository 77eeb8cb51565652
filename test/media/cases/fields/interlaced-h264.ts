import { H264 } from '../../../support/corpus/clip.ts';
import { blackAndWhiteFields, FIELD_COLOURS } from '../../../support/corpus/fields.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('50 fields a second of H.264 are 50 pictures', {
  source: {
    name: 'fields.ts',
    args: [...blackAndWhiteFields('128x96', 'top'), ...H264, '-flags', '+ilme+ildct'],
  },
  // Transport streams do not hold so few pictures.
  request: { qualities: [{ containerType: 'mp4' }] },
  expect: { seconds: 0.4, picture: { rate: 50, count: 20, changes: 20, colours: FIELD_COLOURS } },
});
