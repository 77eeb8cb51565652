import { PICTURE_OF_CLIP, picture, SOUND_OF_CLIP, tone } from '../../../support/corpus/clip.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

const BROKEN = ['-c:v', 'ffv1', '-bsf:v:0', 'noise=amount=1'];

mediaCase('sound beside a picture that cannot be decoded is played', {
  source: { name: 'sound.mkv', args: [...picture(), ...tone(), ...BROKEN] },
  request: { type: 'video' },
  expect: {
    seconds: 2,
    sound: SOUND_OF_CLIP,
    notes: [/^The picture of track 1 can't be decoded; the media is sound alone\.$/],
  },
});

mediaCase('another picture is shown if the first one cannot be decoded', {
  source: {
    name: 'second.mkv',
    args: [...picture(), ...picture(), ...tone(), '-map', '0', '-map', '1', '-map', '2', ...BROKEN],
  },
  expect: {
    seconds: 2,
    picture: PICTURE_OF_CLIP,
    sound: SOUND_OF_CLIP,
    notes: [/^The picture of track 1 can't be decoded; that of track 2 is shown instead\.$/],
  },
});
