export interface Speed {
  readonly bytesPerSecond: number;
  readonly secondsLeft: number;
}

/** Milliseconds over which the speed is measured. */
const WINDOW_MS = 4000;

/** Returns a function that tells the speed of an upload from its progress; `null`: there is too little to tell. */
export function speedOf(): (sent: number, size: number, now: number) => Speed | null {
  const seen: { readonly at: number; readonly bytes: number }[] = [];
  return (bytes, size, at) => {
    seen.push({ at, bytes });
    while (seen.length > 2 && at - (seen[1]?.at ?? at) > WINDOW_MS) seen.shift();
    const [first] = seen;
    if (!first || at - first.at < 500) return null;
    const bytesPerSecond = ((bytes - first.bytes) / (at - first.at)) * 1000;
    return bytesPerSecond <= 0 ? null : { bytesPerSecond, secondsLeft: (size - bytes) / bytesPerSecond };
  };
}
