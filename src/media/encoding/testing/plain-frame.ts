import type { DecodedFrame } from '../source/decoded-frame.ts';

/** Returns the decoded frame of an ordinary video, with square pixels and the colours of BT.709. */
export function plainFrame(width: number, height: number): DecodedFrame {
  return {
    width,
    height,
    aspect: width / height,
    isTurned: false,
    alphaDecoder: null,
    declaredFields: 'progressive',
    unmarkedFields: null,
    isDolbyVisionAlone: false,
    colour: {
      samples: 'yuv',
      hasAlpha: false,
      matrix: 'bt709',
      range: 'limited',
      primaries: 'bt709',
      transfer: 'sdr',
      isTabled: false,
    },
  };
}
