/** Wording of times and durations. `Intl` brings the words of each language. */
export const LOCALE = 'en';

export const timeTexts = {
  now: 'just now',
  duration: (ms: number): string => {
    if (ms < 1000) return `${Math.round(ms)} ms`;
    const s = ms / 1000;
    if (s < 60) return `${s < 10 ? Number(s.toFixed(1)) : Math.round(s)} s`;
    const min = s / 60;
    if (min < 60) return withRest(min, 'min', 60, 's');
    const h = min / 60;
    if (h < 48) return withRest(h, 'h', 60, 'min');
    return withRest(h / 24, 'days', 24, 'h');
  },
};

/** Returns "1 h 30 min": whole units, and what is left in the next smaller one. */
function withRest(value: number, unit: string, factor: number, smaller: string): string {
  const rest = Math.round((value - Math.floor(value)) * factor);
  if (rest === factor) return `${Math.floor(value) + 1} ${unit}`;
  return rest === 0 ? `${Math.floor(value)} ${unit}` : `${Math.floor(value)} ${unit} ${rest} ${smaller}`;
}
