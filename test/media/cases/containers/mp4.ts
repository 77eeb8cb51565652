import { coloursOfClip, FLASH_AT, H264, picture, SOUND_OF_CLIP, tone } from '../../../support/corpus/clip.ts';
import { mediaCase } from '../../../support/corpus/media-case.ts';

mediaCase('MP4 with H.264 and AAC plays in all forms, with its colours, its sound and in time', {
  source: { name: 'clip.mp4', args: [...picture(), ...tone(), ...H264, '-c:a', 'aac'] },
  request: {
    qualities: [{}, { containerType: 'mp4' }, { type: 'dash', containerType: 'fmp4' }],
    mp4: true,
  },
  expect: {
    seconds: 2,
    picture: { size: '64x48', rate: 25, count: 50, flash: FLASH_AT, colours: coloursOfClip() },
    sound: { ...SOUND_OF_CLIP, sampleRate: 48_000 },
    thumbnail: { size: '64x48' },
  },
});
