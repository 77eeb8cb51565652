/**
 * Pattern for the beginning of an HTTP date. All three forms of a date begin with the name of a day: RFC 9110
 * section 5.6.7.
 */
const DATE = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)/;

/**
 * Returns the milliseconds from `now` that a `Retry-After` header asks to wait. The header has whole seconds
 * or an HTTP date (RFC 9110 section 10.2.3). A date in the past means 0. `null`: the header is malformed.
 * @param now milliseconds since the epoch
 */
export function retryAfterMs(header: string, now: number): number | null {
  const text = header.trim();
  if (/^\d+$/.test(text)) return Number(text) * 1_000;
  if (!DATE.test(text)) return null;
  // Adds the time zone GMT to a date without one. Dates of the oldest form, asctime, name no time zone and
  // mean GMT.
  const at = Date.parse(text.endsWith('GMT') ? text : `${text} GMT`);
  return Number.isNaN(at) ? null : Math.max(0, at - now);
}
