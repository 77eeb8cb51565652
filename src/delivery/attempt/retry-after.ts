/** Start of an HTTP date in any of its three forms, which is the name of a day (RFC 9110 section 5.6.7). */
const DATE = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)/;

/**
 * Returns for how long a `Retry-After` header asks to wait, in milliseconds from `now` (RFC 9110 section 10.2.3: whole
 * seconds, or an HTTP date). `null`: the header is malformed. A date in the past means 0.
 * @param now milliseconds since the epoch
 */
export function retryAfterMs(header: string, now: number): number | null {
  const text = header.trim();
  if (/^\d+$/.test(text)) return Number(text) * 1_000;
  if (!DATE.test(text)) return null;
  // The oldest of the three forms names no time zone. It means GMT, as the others do.
  const at = Date.parse(text.endsWith('GMT') ? text : `${text} GMT`);
  return Number.isNaN(at) ? null : Math.max(0, at - now);
}
