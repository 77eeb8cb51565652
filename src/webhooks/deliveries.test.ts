import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { CLOSED } from '../delivery/scheduling/circuit.ts';
import { COMMAND_LINE } from '../domain/audit.ts';
import type { BulkResend } from '../domain/bulk-resend.ts';
import { ServiceError } from '../domain/errors.ts';
import { Deliveries, type DeliveriesOptions } from './deliveries.ts';

const NOW = 1_767_225_600_000;
/** The steady clock of these tests is behind the wall clock. */
const STEADY_NOW = NOW - 5_000;
const USER = 'an-account';
const WEBHOOK = 'a-webhook';
const RANGE = { since: NOW - 2_000, until: NOW - 1_000 };

interface Answers {
  readonly resend?: () => 'queued' | 'gone' | null;
  readonly create?: (wanted: BulkResend) => BulkResend | 'too many' | null;
  readonly exists?: boolean;
}

/** Use cases on fakes that log each call, once it has happened: a store's call happens a turn after it was made. */
function build({ resend = () => 'queued', create = (wanted) => wanted, exists = true }: Answers = {}) {
  const calls: unknown[][] = [];
  const storage = {
    deliveries: {
      resend: async (...args: unknown[]) => {
        await turn();
        const answer = resend();
        calls.push(['store.resend', ...args]);
        return answer;
      },
      list: async () => ({ items: [], next: null }),
      find: async () => null,
    },
    bulkResends: {
      create: async (wanted: BulkResend, by: unknown) => {
        await turn();
        const answer = create(wanted);
        calls.push(['store.create', by]);
        return answer;
      },
      list: async () => [],
    },
    webhooks: { existedEver: async () => exists, find: async () => (exists ? {} : null) },
  } as unknown as DeliveriesOptions['storage'];
  const deliveries = new Deliveries({
    storage,
    dispatcher: {
      claimSoon: () => void calls.push(['claimSoon']),
      circuits: { counts: { open: 0, halfOpen: 0 }, of: () => CLOSED },
      isSending: () => false,
    },
    runner: { add: (started) => void calls.push(['runner.add', started]) },
    now: () => NOW,
    clock: { now: () => STEADY_NOW, toWall: (at) => at },
  });
  return { deliveries, calls };
}

function refuse(): never {
  throw new ServiceError('storage_full', 'the disk is full');
}

test('a delivery that is sent again is stored as due, and then the dispatcher claims it', async () => {
  const { deliveries, calls } = build();
  await deliveries.resend(USER, 'a-delivery', COMMAND_LINE);
  const change = { at: NOW, by: COMMAND_LINE };
  assert.deepEqual(calls, [['store.resend', USER, 'a-delivery', change, STEADY_NOW], ['claimSoon']]);
});

test('the dispatcher is not notified of a delivery that can not be sent again', async () => {
  for (const [resend, code] of [
    [refuse, 'storage_full'],
    [() => null, 'not_found'],
    [() => 'gone' as const, 'conflict'],
  ] as const) {
    const { deliveries, calls } = build({ resend });
    await assert.rejects(deliveries.resend(USER, 'a-delivery', COMMAND_LINE), { code });
    assert.ok(!calls.some(([name]) => name === 'claimSoon'), code);
  }
});

test('a bulk resend is stored, and then the runner carries it out', async () => {
  const { deliveries, calls } = build();
  const started = await deliveries.resendFailed(USER, WEBHOOK, RANGE, COMMAND_LINE);
  assert.deepEqual(calls, [
    ['store.create', COMMAND_LINE],
    ['runner.add', started],
  ]);
  const { id, ...fields } = started;
  assert.deepEqual(fields, {
    webhookId: WEBHOOK,
    userId: USER,
    ...RANGE,
    state: 'running',
    queued: 0,
    createdAt: NOW,
    endedAt: null,
  });
});

test('the runner gets the bulk resend that the storage returns, which may be one that runs already', async () => {
  const running = { id: 'running' } as BulkResend;
  const { deliveries, calls } = build({ create: () => running });
  assert.equal(await deliveries.resendFailed(USER, WEBHOOK, RANGE, COMMAND_LINE), running);
  assert.deepEqual(calls.at(-1), ['runner.add', running]);
});

test('the runner is not notified of a bulk resend that the storage refuses', async () => {
  for (const [create, code] of [
    [refuse, 'storage_full'],
    [() => null, 'not_found'],
    [() => 'too many' as const, 'conflict'],
  ] as const) {
    const { deliveries, calls } = build({ create });
    await assert.rejects(deliveries.resendFailed(USER, WEBHOOK, RANGE, COMMAND_LINE), { code });
    assert.ok(!calls.some(([name]) => name === 'runner.add'), code);
  }
});

test('a bulk resend ends now at the latest, and begins before it ends', async () => {
  const { deliveries, calls } = build();
  for (const until of [undefined, NOW + 60_000]) {
    const started = await deliveries.resendFailed(USER, WEBHOOK, { since: 0, until }, COMMAND_LINE);
    assert.equal(started.until, NOW);
  }
  calls.length = 0;
  for (const range of [{ since: NOW + 1 }, { since: 2, until: 1 }])
    await assert.rejects(deliveries.resendFailed(USER, WEBHOOK, range, COMMAND_LINE), {
      code: 'invalid_request',
    });
  assert.deepEqual(calls, []);
});

test('deliveries and bulk resends of a webhook that the account does not have are not found', async () => {
  const { deliveries } = build({ exists: false });
  const request = { limit: 1, before: null, state: null, event: null, mediaId: null };
  await assert.rejects(deliveries.list(USER, WEBHOOK, request), { message: 'webhook not found' });
  await assert.rejects(deliveries.listBulkResends(USER, WEBHOOK), { message: 'webhook not found' });
  await assert.rejects(deliveries.find(USER, 'a-delivery'), { message: 'delivery not found' });
});
