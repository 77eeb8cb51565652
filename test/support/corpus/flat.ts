import type { ColourSample, Expectation } from './definition.ts';

/** Sources of one colour, and what a viewer must get of them. */

/** Seconds that a source of one colour lasts: enough pictures for a transport stream. */
const SECONDS = 0.8;

/**
 * Arguments for an input of one colour, whose samples are given. `format` is a pixel format of planar YUV, or grey.
 */
export function samples(format: string, [luma, blue, red]: readonly [number, number, number]): string[] {
  const colour = `geq=lum=${luma}:cb=${blue}:cr=${red}`;
  return ['-f', 'lavfi', '-i', `nullsrc=s=64x48:r=25:d=${SECONDS},format=${format},${colour}`];
}

/** Arguments of the output that say what the colours are. */
export function tagged(matrix: string, primaries: string, transfer: string): string[] {
  return ['-colorspace', matrix, '-color_primaries', primaries, '-color_trc', transfer];
}

/** Arguments for an input of one colour in RGB, such as `red` or `0x00ff00@0.5`. */
export function rgb(colour: string, { size = '64x48', format = 'rgb24' } = {}): string[] {
  return ['-f', 'lavfi', '-i', `color=c=${colour}:s=${size}:r=25:d=${SECONDS},format=${format}`];
}

/** Expectation that the whole picture, and the thumbnail, have one colour. */
export function shows(is: ColourSample['is'], within = 4): Expectation {
  const at = [0.5, 0.5] as const;
  return {
    seconds: SECONDS,
    picture: { colours: [{ at, is, within, time: 0.2 }] },
    // A JPEG rounds colours more than the video does.
    thumbnail: { colours: [{ at, is, within: within + 3 }] },
  };
}
