/** A rate limit: at most `burst` requests at once, and on average at most `perSecond` requests per second. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

/** Parses a rate limit in the form `rate:burst`. For `off` and `0`, returns `null`: there is no limit. */
export function rate(text: string): Rate | null {
  if (text === 'off' || text === '0') return null;
  const [, perSecond, burst] = (/^(\d{1,6}(?:\.\d{1,3})?):(\d{1,7})$/.exec(text) ?? []).map(Number);
  if (!perSecond || !burst) {
    throw new TypeError('expected requests per second and at once, such as 100:1000 or 0.2:50, or off');
  }
  return { perSecond, burst };
}
