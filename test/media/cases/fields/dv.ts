import { movingPicture } from '../../../support/corpus/clip.ts';
import { blackAndWhiteFields, FIELD_COLOURS } from '../../../support/corpus/fields.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('each field of DV, whose container says nothing about fields, is a picture', {
  source: {
    name: 'fields.dv',
    args: [...blackAndWhiteFields('720x576', 'bottom'), '-target', 'pal-dv', '-flags', '+ilme+ildct'],
  },
  // Transport streams do not hold so few pictures.
  request: { qualities: [{ containerType: 'mp4' }] },
  expect: {
    seconds: 0.4,
    picture: { rate: 50, count: 20, changes: 20, colours: FIELD_COLOURS },
    thumbnail: { colours: [{ at: [0.5, 0.5], is: [0, 0, 0] }] },
  },
});

mediaCase('DV whose frames are whole keeps its number of pictures', {
  source: {
    name: 'film.dv',
    args: [...movingPicture({ size: '720x576', seconds: 0.8 }), '-target', 'pal-dv'],
  },
  expect: { seconds: 0.8, picture: { rate: 25, count: 20 } },
});
