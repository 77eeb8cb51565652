import { H264, movingPicture, SOUND_OF_CLIP, tone } from '../../../support/corpus/clip.ts';
import { ALL_FORMS } from '../../../support/corpus/forms.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('a cover with a song is a video as long as the song', {
  source: {
    name: 'song.mkv',
    args: [...movingPicture({ seconds: 1, rate: 1 }), ...tone({ seconds: 3.3 }), ...H264, '-c:a', 'flac'],
  },
  request: ALL_FORMS,
  expect: { seconds: 3.3, picture: { rate: 10 }, sound: SOUND_OF_CLIP },
});
