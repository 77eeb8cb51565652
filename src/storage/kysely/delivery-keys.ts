import { hash } from 'node:crypto';

/**
 * Returns a delivery's public id: a UUID of version 8 (RFC 9562), made of the delivery's time of creation in
 * milliseconds and its number. The id needs no column and no index, which would cost every delivery some
 * microseconds.
 *
 *   createdAt, 48 bits | version, 4 bits | 0, 12 bits | variant, 2 bits | seq, 62 bits
 */
export function deliveryId(seq: number, createdAt: number): string {
  const time = createdAt.toString(16).padStart(12, '0');
  const number = seq.toString(16).padStart(15, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-8000-8${number.slice(0, 3)}-${number.slice(3)}`;
}

const DELIVERY_ID = /^([0-9a-f]{8})-([0-9a-f]{4})-8000-8([0-9a-f]{3})-([0-9a-f]{12})$/i;

/** Returns the parts of a delivery's id; null if the text is not such an id. */
export function parseDeliveryId(id: string): { seq: number; createdAt: number } | null {
  const [whole, high, low, first, rest] = DELIVERY_ID.exec(id) ?? [];
  if (whole === undefined) return null;
  return { createdAt: Number.parseInt(`${high}${low}`, 16), seq: Number.parseInt(`${first}${rest}`, 16) };
}

/** Hexadecimal digits that a JavaScript number holds exactly: 52 bits. */
const LANE_DIGITS = 13;

/**
 * Returns the media's part of a lane's key; the webhook's number is the other part. It is a number, because an index of
 * numbers has a third of the size of an index of ids. If two media ever get the same number, their deliveries to a
 * webhook share one order, which harms nobody.
 */
export function laneOf(mediaId: string): number {
  return Number.parseInt(hash('sha1', mediaId, 'hex').slice(0, LANE_DIGITS), 16);
}
