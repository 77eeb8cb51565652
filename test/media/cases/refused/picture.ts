import { picture } from '../../../support/corpus/clip.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('a JPEG is refused, because it is no video', {
  source: { name: 'photo.jpg', args: [...picture(), '-frames:v', '1', '-update', '1'] },
  expect: { fails: /^the file is damaged, or of a format that is not accepted$/ },
});
