import { hash } from 'node:crypto';

/**
 * Returns a delivery's public id: a UUID of version 8 (RFC 9562), which contains the delivery's time of
 * creation in milliseconds and its number. The id is computed and not stored, because a column and an index
 * for it would cost some microseconds for every delivery.
 *
 *   createdAt, 48 bits | version, 4 bits | 0, 12 bits | variant, 2 bits | seq, 62 bits
 */
export function deliveryId(seq: number, createdAt: number): string {
  if (createdAt !== last.createdAt) last = { createdAt, start: startOf(createdAt) };
  const number = seq.toString(16).padStart(15, '0');
  return `${last.start}${number.slice(0, 3)}-${number.slice(3)}`;
}

/** Start of the ids of the deliveries that were created at one time. Many are, one after the other. */
let last = { createdAt: 0, start: startOf(0) };

function startOf(createdAt: number): string {
  const time = createdAt.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-8000-8`;
}

const DELIVERY_ID = /^([0-9a-f]{8})-([0-9a-f]{4})-8000-8([0-9a-f]{3})-([0-9a-f]{12})$/i;

/**
 * Returns the number and the time of creation in a delivery's id; null if the text is not an id of a
 * delivery.
 */
export function parseDeliveryId(id: string): { seq: number; createdAt: number } | null {
  const [whole, high, low, first, rest] = DELIVERY_ID.exec(id) ?? [];
  if (whole === undefined) return null;
  return { createdAt: Number.parseInt(`${high}${low}`, 16), seq: Number.parseInt(`${first}${rest}`, 16) };
}

/** Number of hexadecimal digits that a JavaScript number can represent exactly (52 bits). */
const LANE_DIGITS = 13;

/**
 * Returns a number that stands for a media in the key of a lane. The other part of the key is the webhook's
 * number. A number is used instead of the media's id, because an index of numbers has a third of the size of
 * an index of ids. If two media get the same number, their deliveries to a webhook are sent in one common
 * order, which is harmless.
 */
export function laneOf(mediaId: string): number {
  return Number.parseInt(hash('sha1', mediaId, 'hex').slice(0, LANE_DIGITS), 16);
}
