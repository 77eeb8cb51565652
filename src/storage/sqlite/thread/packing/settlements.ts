import type { ReceiverState, Settlement, Verdict } from '../../../../domain/delivery.ts';

const RECEIVERS: readonly ReceiverState[] = ['works', 'fails', 'gone', 'unknown'];
/** Values of one settlement in the array. */
const WIDTH = 11;

/** Packs settlements into one array of their values, `WIDTH` for each. */
export function packSettlements(settlements: readonly Settlement[]): unknown[] {
  const values: unknown[] = [];
  for (const { seq, webhookId, attempt, verdict, receiver } of settlements) {
    const { number, at, durationMs, status, response, error, revision } = attempt;
    values.push(seq, webhookId, number, at, durationMs, status, response, error, revision);
    values.push(packVerdict(verdict), RECEIVERS.indexOf(receiver));
  }
  return values;
}

export function unpackSettlements(values: readonly unknown[]): Settlement[] {
  const settlements: Settlement[] = [];
  for (let at = 0; at < values.length; at += WIDTH) {
    const attempt = {
      number: values[at + 2],
      at: values[at + 3],
      durationMs: values[at + 4],
      status: values[at + 5],
      response: values[at + 6],
      error: values[at + 7],
      revision: values[at + 8],
    };
    settlements.push({
      seq: values[at],
      webhookId: values[at + 1],
      attempt,
      verdict: unpackVerdict(values[at + 9] as boolean | number),
      receiver: RECEIVERS[values[at + 10] as number],
    } as Settlement);
  }
  return settlements;
}

/** Returns the time of the next attempt of a pending delivery. `true`: it has succeeded; `false`: it has failed. */
function packVerdict(verdict: Verdict): boolean | number {
  return verdict.state === 'pending' ? verdict.nextAttemptAt : verdict.state === 'succeeded';
}

function unpackVerdict(value: boolean | number): Verdict {
  if (typeof value === 'number') return { state: 'pending', nextAttemptAt: value };
  return { state: value ? 'succeeded' : 'failed' };
}
