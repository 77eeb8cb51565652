import type { SourceColour } from '../source/colour.ts';
import { compressed, lightOf, samplesOf } from './light.ts';
import { apply, luminanceOf, type Triple, toBt709 } from './primaries.ts';

/** Name of the file that holds the table of an encode, in ffmpeg's working directory. */
export const COLOUR_TABLE = 'colour.cube';

/** Properties of a picture's colours that decide its table. */
export type TabledColour = Pick<SourceColour, 'primaries' | 'transfer'>;

/**
 * Number of points on each side of a table. ffmpeg interpolates between the points. For PQ and for HLG, a point is
 * at white paper, which then becomes exactly what it should.
 */
const POINTS = { pq: 32, hlg: 33, linear: 33, sdr: 33 } as const;
/** Number of steps from 0 to 1 in a table, which is far more than the 255 steps of a finished picture. */
const STEPS = 8191;
const NUMBERS: string[] = [];

/**
 * Yields the text of the table (3D LUT, `.cube`) with which ffmpeg's filter `lut3d` converts RGB samples of
 * `colour` to those of BT.709. Each slice of the text takes about two milliseconds.
 */
export function* colourTable(colour: TabledColour): Generator<string> {
  if (NUMBERS.length === 0) {
    for (let step = 0; step <= STEPS; step++) NUMBERS.push((step / STEPS).toFixed(5));
  }
  const convert = converterOf(colour);
  const points = POINTS[colour.transfer];
  const at = (point: number) => point / (points - 1);
  yield `LUT_3D_SIZE ${points}\n`;
  for (let blue = 0; blue < points; blue++) {
    let slice = '';
    for (let green = 0; green < points; green++) {
      for (let red = 0; red < points; red++) {
        const [r, g, b] = convert([at(red), at(green), at(blue)]);
        slice += `${numberOf(r)} ${numberOf(g)} ${numberOf(b)}\n`;
      }
    }
    yield slice;
  }
}

/** Returns the function that converts RGB samples from 0 to 1 of `colour` to those of BT.709. */
export function converterOf({ primaries, transfer }: TabledColour): (samples: Triple) => Triple {
  const matrix = toBt709(primaries);
  const luminance = luminanceOf(primaries);
  const isBright = transfer === 'pq' || transfer === 'hlg';
  return (samples) => {
    const light = apply(matrix, lightOf(samples, transfer, luminance));
    return samplesOf(isBright ? compressed(light) : light);
  };
}

function numberOf(sample: number): string | undefined {
  return NUMBERS[Math.round(sample * STEPS)];
}
