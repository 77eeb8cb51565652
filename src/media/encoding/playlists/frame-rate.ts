/** Denominators of frame rates: whole numbers of frames, and those of NTSC, such as 30000/1001. */
const DENOMINATORS = [1, 1001];
/** Denominator of any other frame rate, which is written to a thousandth. */
const THOUSANDTHS = 1000;

/**
 * Returns a frame rate as DASH writes it (ISO/IEC 23009-1 §5.3.7.2, `frameRate`): `25`, or a fraction such as
 * `30000/1001`; `null` for 0, which means that the rate is not known.
 */
export function fractionOf(framesPerSecond: number): string | null {
  if (!(framesPerSecond > 0)) return null;
  const exact = DENOMINATORS.find((denominator) => {
    const numerator = framesPerSecond * denominator;
    return Math.abs(numerator - Math.round(numerator)) < 1e-6 * denominator;
  });
  const denominator = exact ?? THOUSANDTHS;
  const numerator = Math.max(1, Math.round(framesPerSecond * denominator));
  return denominator === 1 ? String(numerator) : `${numerator}/${denominator}`;
}
