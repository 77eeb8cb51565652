import { hash } from 'node:crypto';

/** Hexadecimal digits that a JavaScript number holds exactly: 52 bits. */
const DIGITS = 13;

/**
 * The part of a lane's key that tells its media (the webhook is the other part): a number, because indexes of
 * numbers are a third the size of those of ids. Should two media ever get the same, their deliveries to a
 * webhook keep one order between them, which harms nobody.
 */
export function laneOf(mediaId: string): number {
  return Number.parseInt(hash('sha1', mediaId, 'hex').slice(0, DIGITS), 16);
}
