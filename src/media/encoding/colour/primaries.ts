import type { ColourPrimaries } from '../source/colour.ts';

/** Three numbers: samples or light of red, green and blue, or a colour of CIE XYZ. */
export type Triple = readonly [number, number, number];
/** Rows of a 3×3 matrix. */
export type Matrix = readonly [Triple, Triple, Triple];

/** Chromaticities x and y of red, green and blue (ITU-T H.273). */
const CHROMATICITIES: Readonly<Record<ColourPrimaries, readonly number[]>> = {
  bt709: [0.64, 0.33, 0.3, 0.6, 0.15, 0.06],
  bt470m: [0.67, 0.33, 0.21, 0.71, 0.14, 0.08],
  bt470bg: [0.64, 0.33, 0.29, 0.6, 0.15, 0.06],
  smpte170m: [0.63, 0.34, 0.31, 0.595, 0.155, 0.07],
  film: [0.681, 0.319, 0.243, 0.692, 0.145, 0.049],
  bt2020: [0.708, 0.292, 0.17, 0.797, 0.131, 0.046],
  p3: [0.68, 0.32, 0.265, 0.69, 0.15, 0.06],
};

/** Chromaticity of D65. It counts as the white of all primaries, so that white stays white. */
const WHITE = { x: 0.3127, y: 0.329 };

/** Returns the matrix from the light of `primaries` to the light of the primaries of BT.709. */
export function toBt709(primaries: ColourPrimaries): Matrix {
  return multiply(inverse(toXyz('bt709')), toXyz(primaries));
}

/** Returns the luminance of the light of red, green and blue; their sum is 1. */
export function luminanceOf(primaries: ColourPrimaries): Triple {
  return toXyz(primaries)[1];
}

/** Multiplies a matrix with a column. */
export function apply([first, second, third]: Matrix, column: Triple): Triple {
  return [dot(first, column), dot(second, column), dot(third, column)];
}

export function dot([a, b, c]: Triple, [x, y, z]: Triple): number {
  return a * x + b * y + c * z;
}

function toXyz(primaries: ColourPrimaries): Matrix {
  const [rx = 0, ry = 1, gx = 0, gy = 1, bx = 0, by = 1] = CHROMATICITIES[primaries];
  const [red, green, blue] = [xyzOf(rx, ry), xyzOf(gx, gy), xyzOf(bx, by)];
  const columns = transpose([red, green, blue]);
  const [r, g, b] = apply(inverse(columns), xyzOf(WHITE.x, WHITE.y));
  const scale = ([x, y, z]: Triple): Triple => [x * r, y * g, z * b];
  return [scale(columns[0]), scale(columns[1]), scale(columns[2])];
}

function xyzOf(x: number, y: number): Triple {
  return [x / y, 1, (1 - x - y) / y];
}

function multiply(left: Matrix, right: Matrix): Matrix {
  const columns = transpose(right);
  return [apply(columns, left[0]), apply(columns, left[1]), apply(columns, left[2])];
}

function transpose([[a, b, c], [d, e, f], [g, h, i]]: Matrix): Matrix {
  return [
    [a, d, g],
    [b, e, h],
    [c, f, i],
  ];
}

function inverse([[a, b, c], [d, e, f], [g, h, i]]: Matrix): Matrix {
  const [p, q, r] = [e * i - f * h, f * g - d * i, d * h - e * g];
  const determinant = a * p + b * q + c * r;
  const of = (value: number) => value / determinant;
  return [
    [of(p), of(c * h - b * i), of(b * f - c * e)],
    [of(q), of(a * i - c * g), of(c * d - a * f)],
    [of(r), of(b * g - a * h), of(a * e - b * d)],
  ];
}
