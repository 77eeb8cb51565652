import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { History, PublishedOnce, RecordedDelivery, SeenRequest } from './delivery-history.ts';
import { findViolations, VIOLATIONS, type ViolationKind } from './delivery-oracle.ts';

/** Tests of the oracle with histories. Most of them contain a violation that the service must never cause. */

const ATTEMPTS = 3;

interface Seen extends Partial<SeenRequest> {
  readonly key: string;
  readonly fails?: boolean;
}

function event(number: number, more: Partial<PublishedOnce> = {}): PublishedOnce {
  const mediaId = more.mediaId ?? 'm';
  const key = `${mediaId}${number}`;
  return { key, userId: 'u', mediaId, number, type: 'partial.finished', batch: key, accepted: true, ...more };
}

/**
 * Returns a history in which the requests `seen` arrived one after the other, with the records that belong to
 * these requests.
 */
function history(seen: readonly Seen[], more: Partial<History> = {}): History {
  const requests = seen.map(({ fails = false, ...one }, index): SeenRequest => {
    const arrived = index * 2;
    const defaults = {
      webhookId: 'w',
      id: `id-${one.key}`,
      mediaId: one.key.slice(0, -1),
      body: `{${one.key}}`,
    };
    return {
      ...defaults,
      verified: true,
      at: index,
      arrived,
      acknowledged: fails ? null : arrived + 1,
      isSentAgain: false,
      ...one,
    };
  });
  const deliveries = Map.groupBy(requests, ({ webhookId, id }) => `${webhookId} ${id}`);
  const record = [...deliveries.values()].map((all): RecordedDelivery => {
    const { webhookId, id } = all[0] as SeenRequest;
    const state = all.some(({ acknowledged }) => acknowledged !== null) ? 'succeeded' : 'failed';
    return { webhookId, id, state, attempts: all.length, answered: all.length };
  });
  return {
    webhooks: [{ id: 'w', userId: 'u', wants: new Set(['partial.finished']) }],
    published: [event(1), event(2), event(3)],
    requests,
    resends: [],
    pauses: [],
    record,
    attemptsASchedule: ATTEMPTS,
    killed: true,
    ...more,
  };
}

const ALL: readonly Seen[] = [{ key: 'm1' }, { key: 'm2' }, { key: 'm3' }];

/** Kinds of violations that a test has made the oracle find. */
const proven = new Set<string>();

function assertFinds(found: History, ...kinds: ViolationKind[]): void {
  assert.deepEqual(
    findViolations(found).map(({ kind }) => kind),
    kinds,
  );
  for (const kind of kinds) proven.add(kind);
}

/** Returns the records of a history, with changes to the record of one delivery. */
function withEntry(of: History, id: string, change: Partial<RecordedDelivery>): History {
  return { ...of, record: of.record.map((one) => (one.id === id ? { ...one, ...change } : one)) };
}

test('nothing is found if all arrived once, in order', () => assertFinds(history(ALL)));

test('nothing is found in retries, in repeats after a kill, and in a lane that continues after four failures', () => {
  const failing = { key: 'm1', fails: true };
  assertFinds(history([failing, { key: 'm1' }, { key: 'm1' }, { key: 'm2' }, { key: 'm3' }]));
  assertFinds(history([failing, failing, failing, { key: 'm2' }, { key: 'm3' }]));
  const repeated = history([{ key: 'm1' }, ...ALL]);
  assertFinds(withEntry(repeated, 'id-m1', { attempts: 1, answered: 1 }));
});

test('nothing is found in events without an answer, whether they were accepted or not', () => {
  const unanswered = [event(1), event(2), event(3), event(4, { accepted: false })];
  assertFinds(history(ALL, { published: unanswered }));
  assertFinds(history([...ALL, { key: 'm4' }], { published: unanswered }));
});

test('lanes of one media at two webhooks, and of two media, are independent', () => {
  const wants = new Set(['partial.finished']);
  const webhooks = ['w', 'x'].map((id) => ({ id, userId: 'u', wants }));
  const published = [event(1), event(2), event(1, { mediaId: 'n' })];
  const seen = [
    { key: 'm1', fails: true },
    { key: 'n1' },
    { key: 'm1', webhookId: 'x' },
    { key: 'm2', webhookId: 'x' },
    { key: 'n1', webhookId: 'x' },
    { key: 'm1' },
    { key: 'm2' },
  ];
  assertFinds(history(seen, { webhooks, published }));
});

test('an event that was accepted and never arrived is lost', () => {
  assertFinds(history(ALL.slice(0, 2)), 'lost');
  const other = { id: 'x', userId: 'u', wants: new Set(['partial.finished', 'encoding.failed']) };
  const webhooks = [...history(ALL).webhooks, other];
  assertFinds(history(ALL, { webhooks }), 'lost', 'lost', 'lost');
});

test('a delivery that is pending at the end has not ended', () => {
  assertFinds(withEntry(history(ALL), 'id-m3', { state: 'pending' }), 'unended');
});

test('every arrival is recorded, and every record has its arrivals', () => {
  const whole = history(ALL);
  assertFinds({ ...whole, record: whole.record.slice(1) }, 'unrecorded');
  assertFinds(withEntry(whole, 'id-m1', { attempts: 2, answered: 2 }), 'unsent');
  // The first request got no answer, because it did not arrive completely.
  assertFinds(withEntry(whole, 'id-m1', { attempts: 2, answered: 1 }));
});

test('a recorded success needs an acknowledgement', () => {
  const failed = history([...ALL.slice(0, 2), ...Array(ATTEMPTS).fill({ key: 'm3', fails: true })]);
  assertFinds(failed);
  assertFinds(withEntry(failed, 'id-m3', { state: 'succeeded' }), 'not acknowledged');
});

test('a recorded failure needs all attempts', () => {
  assertFinds(history([...ALL.slice(0, 2), { key: 'm3', fails: true }]), 'given up early');
});

test('a repeat has the same body, at every webhook', () => {
  assertFinds(
    history([{ key: 'm1', fails: true }, { key: 'm1', body: '{ m1}' }, ...ALL.slice(1)]),
    'changed body',
  );
});

test('a repeat has the same id', () => {
  const twice = history([...ALL, { key: 'm3', id: 'id-again' }]);
  assertFinds(twice, 'emitted twice');
  assertFinds(history([{ key: 'm1' }, { key: 'm2', id: 'id-m1' }, { key: 'm3' }]), 'emitted twice');
});

test('signatures are checked', () => {
  assertFinds(history([{ key: 'm1', verified: false }, ...ALL.slice(1)]), 'not signed');
});

test('a webhook gets only events that it wants, of its own account', () => {
  const published = [event(1), event(2), event(3, { type: 'encoding.failed' })];
  assertFinds(history(ALL, { published }), 'unwanted');
  assertFinds(history(ALL, { published: [event(1), event(2), event(3, { userId: 'v' })] }), 'unwanted');
  assertFinds(history([...ALL, { key: 'm4' }]), 'unwanted');
});

test('a request without an answer is accepted as a whole, or not at all', () => {
  const unanswered = { batch: 'b', accepted: false };
  const published = [...history(ALL).published, event(4, unanswered), event(5, unanswered)];
  assertFinds(history(ALL, { published }));
  assertFinds(history([...ALL, { key: 'm4' }, { key: 'm5' }], { published }));
  assertFinds(history([...ALL, { key: 'm5' }], { published }), 'half a batch');
});

test('the next event of a lane waits for the acknowledgement, or for the last failure', () => {
  const failing = { key: 'm1', fails: true };
  assertFinds(history([failing, failing, ...ALL.slice(1)]), 'overtaken', 'given up early');
  assertFinds(history([{ key: 'm1', acknowledged: 100 }, ...ALL.slice(1)]), 'overtaken');
  assertFinds(history([{ key: 'm1' }, { key: 'm3' }, { key: 'm2' }]), 'overtaken');
});

test('an attempt that was recorded without an answer counts for its lane, although no request of it arrived', () => {
  const failing = { key: 'm1', fails: true };
  const seen = history([failing, failing, ...ALL.slice(1)]);
  assertFinds(withEntry(seen, 'id-m1', { attempts: ATTEMPTS, answered: 2 }));
  assertFinds(withEntry(seen, 'id-m1', { attempts: 2, answered: 2 }), 'overtaken', 'given up early');
});

test('an event arrives after a later one only when it was requested, once for each request', () => {
  const back = [...ALL, { key: 'm1' }];
  const m1 = { webhookId: 'w', id: 'id-m1' };
  assertFinds(history(back), 'sent again');
  assertFinds(history(back, { resends: [m1] }));
  assertFinds(history(back, { resends: [{ webhookId: 'w', id: null }] }));
  assertFinds(history(back, { resends: [{ ...m1, id: 'id-m2' }] }), 'sent again');
  assertFinds(history(back, { resends: [{ ...m1, webhookId: 'x' }] }), 'sent again');
  const twice = [...back, { key: 'm2' }, { key: 'm1' }];
  assertFinds(history(twice, { resends: [m1, { ...m1, id: 'id-m2' }] }), 'sent again');
});

test('a resend ends, too, before another event of its lane', () => {
  const resends = [{ webhookId: 'w', id: 'id-m1' }];
  const seen = [{ key: 'm1' }, { key: 'm2' }, { key: 'm1', fails: true }, { key: 'm3' }];
  assertFinds(history(seen, { resends }), 'overtaken');
});

test('nothing arrives while a webhook is paused', () => {
  assertFinds(history(ALL, { pauses: [{ webhookId: 'w', from: 2, until: 9 }] }));
  assertFinds(history(ALL, { pauses: [{ webhookId: 'w', from: 0.5, until: 1.5 }] }), 'sent while paused');
  assertFinds(history(ALL, { pauses: [{ webhookId: 'x', from: 0, until: 9 }] }));
});

test('without a kill there are as many requests as recorded attempts', () => {
  const repeated = withEntry(history([{ key: 'm1' }, ...ALL]), 'id-m1', { attempts: 1, answered: 1 });
  assertFinds({ ...repeated, killed: false }, 'repeated');
  assertFinds({ ...history(ALL), killed: false });
});

test('a request that a receiver closed on a reused connection belongs to the same attempt as the next one', () => {
  const closed = { key: 'm1', fails: true, isSentAgain: true };
  const sentAgain = withEntry(history([closed, ...ALL]), 'id-m1', { attempts: 1, answered: 1 });
  assertFinds({ ...sentAgain, killed: false });
  // Three requests, but two attempts: the delivery is not exhausted, so that the next event comes too early.
  const failed = { key: 'm1', fails: true };
  const twice = history([failed, closed, failed, ...ALL.slice(1)]);
  const recorded = withEntry(twice, 'id-m1', { attempts: 2, answered: 2 });
  assertFinds(recorded, 'overtaken', 'given up early');
  assertFinds(history([failed, closed, failed, failed, ...ALL.slice(1)]));
});

test('every kind of violation was found by a test above', () => {
  assert.deepEqual(
    Object.keys(VIOLATIONS).filter((kind) => !proven.has(kind)),
    [],
  );
});
