import { useSyncExternalStore } from 'react';
import { LOCALE, timeTexts } from '../../texts/time.ts';

const RELATIVE = new Intl.RelativeTimeFormat(LOCALE, { numeric: 'always', style: 'short' });
const ABSOLUTE = new Intl.DateTimeFormat(LOCALE, {
  dateStyle: 'medium',
  timeStyle: 'medium',
  hourCycle: 'h23',
});
const CLOCK = new Intl.DateTimeFormat(LOCALE, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hour12: false,
});

const UNITS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1000],
];

/** Milliseconds between two updates of relative times. */
const TICK_MS = 1000;
/** Milliseconds below which a past time is "just now". */
const NOW_MS = 1500;

interface Props {
  readonly at: string;
  /** `relative`: "5 min ago", with the absolute time in a tip; `absolute`: the reverse; `clock`: the time of day. */
  readonly show?: 'relative' | 'absolute' | 'clock';
}

/** Time, in words that stay true while the page is open. */
export function Time({ at, show = 'relative' }: Props) {
  const now = useNow();
  const time = Date.parse(at);
  const relative = relativeTime(time, now);
  const absolute = ABSOLUTE.format(time);
  const [text, tip] =
    show === 'relative'
      ? [relative, absolute]
      : [show === 'clock' ? CLOCK.format(time) : absolute, `${absolute}, ${relative}`];
  return (
    <time dateTime={at} title={tip} className="numeric">
      {text}
    </time>
  );
}

/** Returns "5 min ago" or "in 2 hr.". */
export function relativeTime(time: number, now: number): string {
  const away = time - now;
  if (Math.abs(away) < NOW_MS) return timeTexts.now;
  for (const [unit, ms] of UNITS) {
    if (Math.abs(away) >= ms) return RELATIVE.format(Math.trunc(away / ms), unit);
  }
  return timeTexts.now;
}

export function absoluteTime(time: number): string {
  return ABSOLUTE.format(time);
}

let current = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;
const listeners = new Set<() => void>();

/** Returns the present time, to the second. All components share one timer, which stands still in hidden tabs. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => current);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  // Nobody has kept the time while nothing showed it.
  if (timer === undefined) current = Date.now();
  timer ??= setInterval(tick, TICK_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

function tick(): void {
  if (document.hidden) return;
  current = Date.now();
  for (const listener of listeners) listener();
}
