import type { Arrival } from './receiver.ts';

/**
 * Events that must arrive for one file, in this order, with their qualities. Only the `partial.finished`
 * events are allowed to arrive in any order.
 */
export type Expectation = readonly (readonly [type: string, qualities: string])[];

export function expectationOf(qualities: readonly string[], isMedia: boolean): Expectation {
  const all = qualities.join(',');
  if (!isMedia)
    return [
      ['file.received', all],
      ['encoding.started', all],
      ['encoding.failed', all],
    ];
  const partials = qualities.map((quality) => ['partial.finished', quality] as const);
  return [['file.received', all], ['encoding.started', all], ...partials, ['encoding.finished', all]];
}

/**
 * Describes how the acknowledged events of one file differ from the expected events; `null`: no difference.
 * Reports a wrong signature first.
 */
export function differenceFrom(expectation: Expectation, arrivals: readonly Arrival[]): string | null {
  const wrong = arrivals.find((arrival) => !arrival.verified);
  if (wrong) return `the signature of ${wrong.event.type} is wrong`;
  const acknowledged = arrivals
    .filter((arrival) => arrival.answered === 200)
    .map(({ event }) => `${event.type} ${event.qualities}`);
  const expected = expectation.map((names) => names.join(' '));
  const difference = inAnyOrderOfPartials(acknowledged).findIndex(
    (text, index) => text !== inAnyOrderOfPartials(expected)[index],
  );
  if (difference === -1 && acknowledged.length === expected.length) return null;
  return `expected ${expected.join(', ')}; got ${acknowledged.join(', ') || 'nothing'}`;
}

/**
 * Sorts the `partial.finished` events among themselves, because qualities can finish in any order. All other
 * events keep their index.
 */
function inAnyOrderOfPartials(texts: readonly string[]): string[] {
  const isPartial = (text: string) => text.startsWith('partial.');
  const partials = texts.filter(isPartial).toSorted();
  return texts.map((text) => (isPartial(text) ? (partials.shift() ?? text) : text));
}
