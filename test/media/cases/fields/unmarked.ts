import { blackAndWhiteFields, FIELD_COLOURS } from '../../../support/corpus/fields.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('fields that only the container declares are pictures too', {
  source: {
    name: 'fields.mov',
    args: [...blackAndWhiteFields('128x96', 'top'), '-c:v', 'v210', '-field_order', 'tt'],
  },
  // Transport streams do not hold so few pictures.
  request: { qualities: [{ containerType: 'mp4' }] },
  expect: { seconds: 0.4, picture: { rate: 50, count: 20, changes: 20, colours: FIELD_COLOURS } },
});
