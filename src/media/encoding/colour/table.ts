import type { SourceColour } from '../source/colour.ts';
import { compressed, lightOf, PQ_PEAK, pqLight, REFERENCE_WHITE, samplesOf } from './light.ts';
import { apply, luminanceOf, type Triple, toBt709 } from './primaries.ts';

/** Name of the file that holds the table of an encode, in ffmpeg's working directory. */
export const COLOUR_TABLE = 'colour.cube';
/** Names of the files with which samples of PQ become light, and light becomes samples. */
export const LIGHT_TABLE = 'light.cube';
export const SAMPLE_TABLE = 'sample.cube';

/** Properties of a picture's colours that decide its tables. */
export type TabledColour = Pick<SourceColour, 'primaries' | 'transfer'>;

/** Name of a file, and its text in pieces. */
export type TableText = readonly [name: string, text: Iterable<string>];

/**
 * Number of points on each side of a table. ffmpeg interpolates between the points. For HLG, a point is at white paper,
 * which then becomes exactly what it should.
 */
const POINTS = 33;
/** Number of points of a table from light to samples: the largest that ffmpeg takes, because dark colours lie close. */
const SAMPLE_POINTS = 65_536;
const LIGHT_POINTS = 4_096;
/** Number of steps from 0 to 1 in a table, which is far more than the 255 steps of a finished picture. */
const STEPS = 8191;
const NUMBERS: string[] = [];

/** Returns the texts of the tables (`.cube`) with which ffmpeg's filters convert pictures of `colour`. */
export function tablesOf(colour: TabledColour): TableText[] {
  if (colour.transfer !== 'pq') return [[COLOUR_TABLE, colourTable(colour)]];
  return [
    [LIGHT_TABLE, curve(LIGHT_POINTS, (sample) => pqLight(sample) / PQ_LIGHT)],
    [COLOUR_TABLE, matrixTable(colour)],
    [SAMPLE_TABLE, curve(SAMPLE_POINTS, (light) => samplesOf([light, 0, 0])[0])],
  ];
}

/** Light of the brightest sample of PQ. */
const PQ_LIGHT = PQ_PEAK / REFERENCE_WHITE;

/** Yields a table of one dimension, the same for red, green and blue. */
function* curve(points: number, convert: (value: number) => number): Generator<string> {
  yield `LUT_1D_SIZE ${points}\n`;
  for (let start = 0; start < points; start += LIGHT_POINTS) {
    let piece = '';
    for (let point = start; point < Math.min(points, start + LIGHT_POINTS); point++) {
      const value = convert(point / (points - 1)).toPrecision(8);
      piece += `${value} ${value} ${value}\n`;
    }
    yield piece;
  }
}

/** Yields a table that multiplies light with a matrix. Between two points, ffmpeg's interpolation is exact. */
function* matrixTable({ primaries }: TabledColour): Generator<string> {
  const matrix = toBt709(primaries);
  yield 'LUT_3D_SIZE 2\n';
  for (const blue of [0, PQ_LIGHT]) {
    for (const green of [0, PQ_LIGHT]) {
      for (const red of [0, PQ_LIGHT]) {
        const light = apply(matrix, [red, green, blue]);
        yield `${light.map((value) => value.toPrecision(8)).join(' ')}\n`;
      }
    }
  }
}

/**
 * Yields the text of the table (3D LUT, `.cube`) with which ffmpeg's filter `lut3d` converts RGB samples of
 * `colour` to those of BT.709. Each slice of the text takes about two milliseconds.
 */
function* colourTable(colour: TabledColour): Generator<string> {
  if (NUMBERS.length === 0) {
    for (let step = 0; step <= STEPS; step++) NUMBERS.push((step / STEPS).toFixed(5));
  }
  const convert = converterOf(colour);
  const at = (point: number) => point / (POINTS - 1);
  yield `LUT_3D_SIZE ${POINTS}\n`;
  for (let blue = 0; blue < POINTS; blue++) {
    let slice = '';
    for (let green = 0; green < POINTS; green++) {
      for (let red = 0; red < POINTS; red++) {
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
