const MAX_DELAY_S = 30 * 24 * 3600;
const MIB = 1024 * 1024;

/** Returns a parser of whole numbers from `min` to `max`. */
export function integer(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < min || value > max) {
      throw new TypeError(`expected a whole number from ${min} to ${max}`);
    }
    return value;
  };
}

/** Returns a parser of whole seconds from `min` to `max`, which returns milliseconds. */
export function seconds(min: number, max: number): (text: string) => number {
  const parse = integer(min, max);
  return (text) => parse(text) * 1_000;
}

/** Returns a parser of whole mebibytes from `min` to `max`, which returns bytes. */
export function mebibytes(min: number, max: number): (text: string) => number {
  const parse = integer(min, max);
  return (text) => parse(text) * MIB;
}

/**
 * Parses numbers of seconds, separated by commas, and returns milliseconds. An empty text is an empty list.
 */
export function delays(text: string): number[] {
  if (text === '') return [];
  return text.split(',').map((part) => {
    const value = Number(part);
    if (part.trim() === '' || !(value >= 0 && value <= MAX_DELAY_S)) {
      throw new TypeError(`expected seconds separated by commas, each from 0 to ${MAX_DELAY_S}`);
    }
    return value * 1_000;
  });
}

/**
 * Parses a number of days, and returns milliseconds. For 0, returns `null`, which means that
 * there is no time limit.
 */
export function days(text: string): number | null {
  const value = Number(text);
  if (text === '' || !(value >= 0 && value <= 36_500)) {
    throw new TypeError('expected days from 0 to 36500');
  }
  return value === 0 ? null : value * 24 * 3_600_000;
}

/** Parses a maximum number. For 0, returns `null`, which means that there is no limit. */
export function limit(text: string): number | null {
  return integer(0, Number.MAX_SAFE_INTEGER)(text) || null;
}
