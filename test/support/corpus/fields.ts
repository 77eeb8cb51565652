/** Sources whose frames have two fields, of which one is black and one is white. */

/**
 * Arguments for an input of 25 frames a second. The first field of each frame is black, and the second is white. Every
 * picture that mixes the two is wrong.
 */
export function blackAndWhiteFields(size: string, first: 'top' | 'bottom'): string[] {
  const filters = [
    `color=black:s=${size}:r=50:d=0.4`,
    "drawbox=c=white:t=fill:enable='mod(n,2)'",
    'format=yuv420p',
    `tinterlace=interleave_${first}`,
  ];
  const order = `setfield=${first === 'top' ? 'tff' : 'bff'}`;
  return ['-f', 'lavfi', '-i', filters.join(','), '-vf', order];
}

/** Colours of the pictures that are made of these fields, in the middle of each. */
export const FIELD_COLOURS = [
  { at: [0.5, 0.4], is: [0, 0, 0], time: 0.21 },
  { at: [0.5, 0.4], is: [255, 255, 255], time: 0.23 },
  { at: [0.5, 0.6], is: [0, 0, 0], time: 0.21 },
  { at: [0.5, 0.6], is: [255, 255, 255], time: 0.23 },
] as const;
