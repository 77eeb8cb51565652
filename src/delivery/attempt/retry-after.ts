/** An HTTP date of any of the three forms: it begins with the day's name (RFC 9110 section 5.6.7). */
const DATE = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)/;

/**
 * How long a `Retry-After` asks to wait, in milliseconds from `now`; null for one that says nothing (RFC 9110
 * section 10.2.3: whole seconds, or an HTTP date). One that has passed asks for no wait.
 * @param now milliseconds since the epoch
 */
export function retryAfterMs(header: string, now: number): number | null {
  const text = header.trim();
  if (/^\d+$/.test(text)) return Number(text) * 1_000;
  if (!DATE.test(text)) return null;
  // The oldest of the three forms names no zone, and means GMT as the others do.
  const at = Date.parse(text.endsWith('GMT') ? text : `${text} GMT`);
  return Number.isNaN(at) ? null : Math.max(0, at - now);
}
