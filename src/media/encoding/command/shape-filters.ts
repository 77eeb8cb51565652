/** Rectangle into which pictures are fitted. */
export interface Box {
  /** Width in pixels. The same is true of `height`. */
  readonly width: number;
  readonly height: number;
  /** Displayed width divided by displayed height, which is another ratio if pixels are not square. */
  readonly aspect: number;
}

/**
 * Largest factor between two aspect ratios that is put down to rounding. A picture fills the box if its aspect
 * ratio differs by less.
 */
const SAME_ASPECT = 1.02;

/** Width of a pixel divided by its height. As in the probe, ratios that no camera makes count as 1. */
const PIXEL_ASPECT = 'if(between(sar,0.25,4),sar,1)';

/**
 * Returns ffmpeg's filters that fit pictures into a box. A file can change the shape of its pictures in the
 * middle: they get black bars then, and are not stretched. Pictures of the size of the box pass unchanged.
 * `options` are further options of the filter `scale`.
 */
export function fitFilters({ width, height, aspect }: Box, options: readonly string[] = []): string[] {
  const wider = `(iw/ih*${PIXEL_ASPECT}/${aspect})`;
  const narrowed = `max(2,2*floor(${width}*${wider}/2))`;
  const lowered = `max(2,2*floor(${height}/${wider}/2))`;
  const scale = [
    `w='if(lt(${wider},${1 / SAME_ASPECT}),${narrowed},${width})'`,
    `h='if(gt(${wider},${SAME_ASPECT}),${lowered},${height})'`,
    ...['eval=frame', 'flags=bicubic', ...options],
  ];
  return [`scale=${scale.join(':')}`, `pad=${width}:${height}:-1:-1:eval=frame`];
}
