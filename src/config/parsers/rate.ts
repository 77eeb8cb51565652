/** A rate limit: `burst` requests at once, and `perSecond` more each second. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

/** Parses `rate:burst`. Returns `null`, which means no limit, for `off` and `0`. */
export function rate(text: string): Rate | null {
  if (text === 'off' || text === '0') return null;
  const [, perSecond, burst] = (/^(\d{1,6}(?:\.\d{1,3})?):(\d{1,7})$/.exec(text) ?? []).map(Number);
  if (!perSecond || !burst) {
    throw new TypeError('expected requests per second and at once, such as 100:1000 or 0.2:50, or off');
  }
  return { perSecond, burst };
}
