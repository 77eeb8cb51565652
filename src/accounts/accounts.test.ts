import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { Account } from '../domain/account.ts';
import { COMMAND_LINE } from '../domain/audit.ts';
import { ServiceError } from '../domain/errors.ts';
import type { AccountStore } from '../storage/contracts/accounts.ts';
import { Accounts } from './accounts.ts';

const NOW = 1_767_225_600_000;

const ACCOUNT: Account = {
  id: 'an-account',
  email: 'ada@example.com',
  firstName: '',
  lastName: '',
  isOperator: false,
  isDisabled: false,
  passwordHash: null,
  tokenGeneration: 0,
  createdAt: NOW,
  updatedAt: NOW,
};

/**
 * Returns the use cases with fakes in place of the storage. The fakes log each call when the call has ended,
 * which can be one turn of the event loop later.
 */
function build(answer: () => Account | null = () => ACCOUNT) {
  const calls: unknown[][] = [];
  const store = {
    create: async (account: Account) =>
      void calls.push(['store.create', account.email, account.passwordHash]),
    update: async (...args: unknown[]) => {
      await turn();
      const answered = answer();
      calls.push(['store.update', ...args]);
      return answered;
    },
    find: async (id: string) => (id === ACCOUNT.id ? ACCOUNT : null),
    findByEmail: async (email: string) => (email === ACCOUNT.email ? ACCOUNT : null),
  } as unknown as AccountStore;
  const accounts = new Accounts({
    store,
    passwords: { hash: async (password) => `hash of ${password}` },
    credentials: {
      forgetAccount: async (id) => {
        await turn();
        calls.push(['forgetAccount', id]);
      },
      forgetApiKey: () => assert.fail('no key was removed'),
      forgetSession: () => assert.fail(),
    },
    now: () => NOW,
  });
  return { accounts, calls };
}

test('a change is stored first; then the credential cache is notified, and awaited', async () => {
  const { accounts, calls } = build();
  const wanted = { isDisabled: true, password: 'correct horse', firstName: undefined };
  assert.equal(await accounts.update(ACCOUNT.id, wanted, COMMAND_LINE), ACCOUNT);
  const stored = { isDisabled: true, passwordHash: 'hash of correct horse' };
  assert.deepEqual(calls, [
    ['store.update', ACCOUNT.id, stored, { at: NOW, by: COMMAND_LINE }],
    ['forgetAccount', ACCOUNT.id],
  ]);
});

test('the credential cache is not notified of a change that the storage refuses', async () => {
  const refuse = () => {
    throw new ServiceError('storage_full', 'the disk is full');
  };
  for (const [answer, code] of [
    [refuse, 'storage_full'],
    [() => null, 'not_found'],
  ] as const) {
    const { accounts, calls } = build(answer);
    await assert.rejects(accounts.update(ACCOUNT.id, { isDisabled: true }, COMMAND_LINE), { code });
    assert.ok(!calls.some(([name]) => name === 'forgetAccount'), code);
  }
});

test('an account cannot disable itself, but may change itself otherwise', async () => {
  const { accounts, calls } = build();
  const itself = { ...COMMAND_LINE, accountId: ACCOUNT.id };
  await assert.rejects(accounts.update(ACCOUNT.id, { isDisabled: true }, itself), {
    code: 'conflict',
    message: 'an account cannot disable itself',
  });
  assert.deepEqual(calls, []);
  await accounts.update(ACCOUNT.id, { isDisabled: false, firstName: 'Ada' }, itself);
});

test('an account is found by its id or its email address, whatever their case', async () => {
  const { accounts } = build();
  for (const name of ['an-account', 'AN-ACCOUNT', ' Ada@Example.com'])
    assert.equal(await accounts.findByName(name), ACCOUNT);
  await assert.rejects(accounts.findByName('x@example.com'), { message: 'account x@example.com not found' });
  await assert.rejects(accounts.find('another'), { message: 'account another not found' });
});

test('a new account has its address in lower case, and a hash in place of its password', async () => {
  const { accounts, calls } = build();
  const { account, key, secret } = await accounts.create(
    { email: 'Bob@Example.com', isOperator: false, password: 'correct horse' },
    COMMAND_LINE,
  );
  assert.deepEqual(calls, [['store.create', 'bob@example.com', 'hash of correct horse']]);
  assert.equal(key.userId, account.id);
  assert.ok(secret.length > 0);
});
