/**
 * A delivery's public id: a UUID of version 8 (RFC 9562), made of when the delivery was created, in milliseconds, and
 * of its number. It needs neither a column nor an index, which would cost every delivery some microseconds.
 *
 *   createdAt, 48 bits | version, 4 bits | 0, 12 bits | variant, 2 bits | seq, 62 bits
 */
export function deliveryId(seq: number, createdAt: number): string {
  const time = createdAt.toString(16).padStart(12, '0');
  const number = seq.toString(16).padStart(15, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-8000-8${number.slice(0, 3)}-${number.slice(3)}`;
}

const DELIVERY_ID = /^([0-9a-f]{8})-([0-9a-f]{4})-8000-8([0-9a-f]{3})-([0-9a-f]{12})$/i;

/** What an id was made of; null for a text that is no delivery's id. */
export function parseDeliveryId(id: string): { seq: number; createdAt: number } | null {
  const [whole, high, low, first, rest] = DELIVERY_ID.exec(id) ?? [];
  if (whole === undefined) return null;
  return { createdAt: Number.parseInt(`${high}${low}`, 16), seq: Number.parseInt(`${first}${rest}`, 16) };
}
