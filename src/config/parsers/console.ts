import { resolve } from 'node:path';
import { oneOf } from './text.ts';

const parseOnOrOff = oneOf(['on', 'off']);

/** Parses `on` or `off`. Returns whether it is `on`. */
export function onOrOff(text: string): boolean {
  return parseOnOrOff(text) === 'on';
}

/** Parses a colour in the form `#rrggbb`, so that it can mean nothing else in a style. */
export function accentColour(text: string): string {
  if (!/^#[0-9a-f]{6}$/i.test(text)) throw new TypeError('expected a colour such as #0b6e4f');
  return text.toLowerCase();
}

/** Parses the path of an image, and returns the absolute path. */
export function imageFile(text: string): string {
  if (!/\.(svg|png|webp|jpg)$/i.test(text))
    throw new TypeError('expected the path of a file that ends with .svg, .png, .webp or .jpg');
  return resolve(text);
}
