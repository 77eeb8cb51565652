import { H264, picture } from '../../../support/corpus/clip.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('a video without sound is refused where sound is requested', {
  source: { name: 'mute.mp4', args: [...picture(), ...H264] },
  request: { type: 'audio', qualities: [{ resolution: 'standard' }] },
  expect: { fails: /^the file contains no audio$/ },
});
