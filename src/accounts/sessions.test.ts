import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { Account } from '../domain/account.ts';
import type { Actor, AuditEntry } from '../domain/audit.ts';
import { ServiceError } from '../domain/errors.ts';
import { Passwords } from './passwords.ts';
import { Sessions, type SessionsOptions } from './sessions.ts';

const NOW = 1_767_225_600_000;
const PASSWORD = 'correct horse battery staple';
const HASH = await new Passwords().hash(PASSWORD);
const PERSON: Actor = {
  accountId: null,
  credential: 'password',
  apiKey: null,
  address: '192.0.2.1',
  requestId: '1',
};

const ACCOUNT: Account = {
  id: 'an-account',
  email: 'ada@example.com',
  firstName: '',
  lastName: '',
  isOperator: false,
  isDisabled: false,
  passwordHash: HASH,
  tokenGeneration: 4,
  createdAt: NOW,
  updatedAt: NOW,
};

interface Options {
  readonly account?: Account;
  /** Is called by each method of the storage that writes. */
  readonly onWrite?: () => void;
  /** Answer of `changePassword`. */
  readonly changed?: Account | null;
}

/**
 * Returns the use cases with fakes in place of the storage. The fakes log each call when the call has ended,
 * which can be one turn of the event loop later.
 */
function build({ account = ACCOUNT, onWrite = () => undefined, changed = null }: Options = {}) {
  const calls: string[] = [];
  const storage = {
    accounts: {
      find: async () => account,
      findByEmail: async (email: string) => (email === account.email ? account : null),
      changePassword: async () => {
        await turn();
        onWrite();
        calls.push('store.changePassword');
        return changed;
      },
    },
    audit: {
      add: async ({ action, accountId }: AuditEntry, by: Actor) => {
        await turn();
        onWrite();
        calls.push(`${action} of ${accountId} by ${by.accountId}`);
      },
    },
  } as unknown as SessionsOptions['storage'];
  const sessions = new Sessions({
    storage,
    tokens: {
      issue: async (id, { generation }) => {
        calls.push('tokens.issue');
        return `token of ${id}, generation ${generation}`;
      },
    },
    passwords: new Passwords(),
    credentials: {
      forgetAccount: (id) => void calls.push(`forgetAccount ${id}`),
      forgetApiKey: () => assert.fail('no key was removed'),
      forgetSession: () => assert.fail(),
    },
    now: () => NOW,
  });
  return { sessions, calls };
}

function refuse(): never {
  throw new ServiceError('storage_full', 'the disk is full');
}

test('a sign-in is recorded before its token is issued', async () => {
  const { sessions, calls } = build();
  const session = await sessions.signIn({ email: ' Ada@example.com', password: PASSWORD }, PERSON);
  assert.equal(session?.token, 'token of an-account, generation 4');
  assert.deepEqual(calls, ['account.signed_in of an-account by an-account', 'tokens.issue']);
});

test('there is no session when the sign-in can not be recorded', async () => {
  const { sessions, calls } = build({ onWrite: refuse });
  const signIn = sessions.signIn({ email: ACCOUNT.email, password: PASSWORD }, PERSON);
  await assert.rejects(signIn, { code: 'storage_full' });
  assert.deepEqual(calls, []);
});

test('a refused sign-in opens no session, and is recorded if the account exists', async () => {
  const refused = 'account.sign_in_refused of an-account by null';
  for (const [account, input, expected] of [
    [ACCOUNT, { email: ACCOUNT.email, password: 'wrong' }, [refused]],
    [{ ...ACCOUNT, isDisabled: true }, { email: ACCOUNT.email, password: PASSWORD }, [refused]],
    [{ ...ACCOUNT, passwordHash: null }, { email: ACCOUNT.email, password: PASSWORD }, [refused]],
    [ACCOUNT, { email: 'nobody@example.com', password: PASSWORD }, []],
  ] as const) {
    const { sessions, calls } = build({ account });
    assert.equal(await sessions.signIn(input, PERSON), null);
    // The answer did not wait for the record.
    await turn();
    await turn();
    assert.deepEqual(calls, expected);
  }
});

test('a new password is stored, then earlier tokens are forgotten, and then a new token is issued', async () => {
  const { sessions, calls } = build({ changed: { ...ACCOUNT, tokenGeneration: 5 } });
  const change = { current: PASSWORD, next: 'another one, of many words' };
  const session = await sessions.changePassword(ACCOUNT.id, change, PERSON);
  assert.equal(session.token, 'token of an-account, generation 5');
  assert.deepEqual(calls, ['store.changePassword', 'forgetAccount an-account', 'tokens.issue']);
});

test('nothing is forgotten or issued when a new password is refused', async () => {
  const next = 'another one, of many words';
  for (const [options, current, code] of [
    [{ onWrite: refuse }, PASSWORD, 'storage_full'],
    // Another request has changed the password in the meantime.
    [{ changed: null }, PASSWORD, 'forbidden'],
    [{ changed: ACCOUNT }, 'wrong', 'forbidden'],
  ] as const) {
    const { sessions, calls } = build(options);
    await assert.rejects(sessions.changePassword(ACCOUNT.id, { current, next }, PERSON), { code });
    assert.ok(!calls.some((call) => /^(forget|tokens)/.test(call)), calls.join());
  }
});
