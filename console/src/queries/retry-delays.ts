/** Schedule of a webhook as the API shows it. */
type RetrySchedule = 'default' | 'exponential' | readonly number[];

/** Seconds before each retry of the service's own schedule, unless its operator has set another. */
const DEFAULT_DELAYS = [3, 3, 3];
/** Seconds before each retry of the schedule of Standard Webhooks. */
const EXPONENTIAL_DELAYS = [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400];
/** Maximum number of retries, and seconds before a retry, that the service accepts. */
const MAX_RETRIES = 20;
const MAX_DELAY_S = 30 * 86_400;

const UNITS: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, min: 60, h: 3600, d: 86_400 };

/** Returns the seconds before each retry. */
export function delaysOf(schedule: RetrySchedule): readonly number[] {
  if (schedule === 'default') return DEFAULT_DELAYS;
  return schedule === 'exponential' ? EXPONENTIAL_DELAYS : schedule;
}

/** Returns the seconds of a text such as "5, 1m, 2h"; `null`: the text means nothing, or too much. */
export function parseDelays(text: string): number[] | null {
  const parts = text.split(/[,;\s]+/).filter((part) => part !== '');
  const delays = parts.map((part) => {
    const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?)(s|min|m|h|d)?$/i.exec(part) ?? [];
    return number === '' ? Number.NaN : Number(number) * (UNITS[unit.toLowerCase()] ?? Number.NaN);
  });
  const isGood = delays.length <= MAX_RETRIES && delays.every((delay) => delay <= MAX_DELAY_S);
  return isGood ? delays : null;
}

/** Returns the text of delays, with the largest unit that needs no fraction. */
export function formatDelays(delays: readonly number[]): string {
  return delays.map(formatDelay).join(', ');
}

function formatDelay(seconds: number): string {
  for (const unit of ['d', 'h', 'm'] as const) {
    const size = UNITS[unit] as number;
    if (seconds >= size && seconds % size === 0) return `${seconds / size}${unit}`;
  }
  return String(seconds);
}
