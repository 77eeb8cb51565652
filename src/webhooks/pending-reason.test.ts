import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CLOSED } from '../delivery/scheduling/circuit.ts';
import type { Delivery, PendingFacts } from '../domain/delivery.ts';
import { pendingReasonOf } from './pending-reason.ts';

const NOW = 1_767_225_600_000;
const OPEN = { state: 'open', since: NOW - 1_000, probeAt: NOW + 1_000 } as const;
const HALF_OPEN = { state: 'half_open', since: NOW - 1_000, probeAt: null } as const;

interface Case {
  readonly facts?: Partial<PendingFacts>;
  readonly dueIn?: number | null;
  readonly circuit?: typeof OPEN | typeof HALF_OPEN;
  readonly isSending?: boolean;
}

function reasonOf({ facts, dueIn = 0, circuit, isSending = false }: Case) {
  const pending = { seq: 7, isClaimed: false, isPaused: false, waitsFor: null, ...facts };
  const delivery = { pending, webhookId: 'w', nextAttemptAt: dueIn === null ? null : NOW + dueIn };
  const dispatcher = {
    circuits: { counts: { open: 0, halfOpen: 0 }, of: () => circuit ?? CLOSED },
    isSending: () => isSending,
  };
  return pendingReasonOf(delivery as unknown as Delivery, { dispatcher, steadyNow: NOW });
}

test('each obstacle has its reason, and the thing that is waited for', () => {
  const waiting = { waitsFor: 'd1' };
  for (const [one, reason, waitsFor, until] of [
    [{}, 'queued', null, null],
    [{ facts: { isClaimed: true } }, 'queued', null, null],
    [{ facts: { isClaimed: true }, isSending: true }, 'sending', null, null],
    [{ dueIn: 5_000 }, 'schedule', null, NOW + 5_000],
    [{ facts: waiting, dueIn: null }, 'lane', 'd1', null],
    [{ circuit: OPEN }, 'circuit', null, NOW + 1_000],
    [{ circuit: HALF_OPEN }, 'circuit', null, null],
    [{ facts: { isPaused: true } }, 'paused', null, null],
  ] as const)
    assert.deepEqual(reasonOf(one), { reason, waitsFor, until });
});

test('of several obstacles, the one of the whole webhook is named, unless the schedule ends later', () => {
  const inLane = { waitsFor: 'd1' };
  for (const [one, reason, waitsFor, until] of [
    [{ facts: { ...inLane, isPaused: true }, dueIn: null, circuit: OPEN }, 'paused', 'd1', null],
    [{ facts: inLane, dueIn: null, circuit: OPEN }, 'circuit', 'd1', NOW + 1_000],
    [{ dueIn: 500, circuit: OPEN }, 'circuit', null, NOW + 1_000],
    [{ dueIn: 5_000, circuit: OPEN }, 'schedule', null, NOW + 5_000],
    [{ facts: { isClaimed: true, isPaused: true }, isSending: true }, 'sending', null, null],
  ] as const)
    assert.deepEqual(reasonOf(one), { reason, waitsFor, until });
});

test('a delivery that has ended is not pending', () => {
  const dispatcher = {
    circuits: { counts: { open: 0, halfOpen: 0 }, of: () => CLOSED },
    isSending: () => true,
  };
  assert.equal(pendingReasonOf({ pending: null } as Delivery, { dispatcher, steadyNow: NOW }), null);
});
