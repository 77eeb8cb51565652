import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import type { ApiKey } from '../domain/account.ts';
import { COMMAND_LINE } from '../domain/audit.ts';
import { ServiceError } from '../domain/errors.ts';
import type { ApiKeyStore } from '../storage/contracts/api-keys.ts';
import { ApiKeys } from './api-keys.ts';
import { generateApiKey, LONGEST_KEY_TTL_S } from './secrets/api-key-secrets.ts';

const NOW = 1_767_225_600_000;
const USER = 'an-account';
const { key: KEY } = generateApiKey({ userId: USER, name: 'a key', type: 'full_access', ttl: 0, now: NOW });

/**
 * Returns the use cases with fakes in place of the storage. The fakes log each call when the call has ended,
 * which can be one turn of the event loop later.
 */
function build(answer: () => ApiKey | null = () => KEY) {
  const calls: unknown[][] = [];
  const store = {
    create: async (...args: unknown[]) => void calls.push(['store.create', ...args]),
    rename: async () => answer() !== null,
    delete: async (...args: unknown[]) => {
      await turn();
      const answered = answer();
      calls.push(['store.delete', ...args]);
      return answered;
    },
    findByPublicKey: async (publicKey: string) => (publicKey === KEY.publicKey ? KEY : null),
  } as unknown as ApiKeyStore;
  const apiKeys = new ApiKeys({
    store,
    credentials: {
      forgetAccount: () => assert.fail('no account was changed'),
      forgetSession: () => assert.fail('no session was ended'),
      forgetApiKey: async (id) => {
        await turn();
        calls.push(['forgetApiKey', id]);
      },
    },
    mostPerAccount: 3,
    now: () => NOW,
  });
  return { apiKeys, calls };
}

test('a removal is stored first; then the credential cache is notified, and awaited', async () => {
  const removals = [
    (apiKeys: ApiKeys) => apiKeys.remove(USER, KEY.id, COMMAND_LINE),
    (apiKeys: ApiKeys) => apiKeys.revoke(KEY.publicKey, COMMAND_LINE),
  ];
  for (const remove of removals) {
    const { apiKeys, calls } = build();
    await remove(apiKeys);
    assert.deepEqual(calls, [
      ['store.delete', USER, KEY.id, { at: NOW, by: COMMAND_LINE }],
      ['forgetApiKey', KEY.id],
    ]);
  }
});

test('the credential cache is not notified of a removal that the storage refuses', async () => {
  const refuse = () => {
    throw new ServiceError('storage_full', 'the disk is full');
  };
  for (const [answer, code] of [
    [refuse, 'storage_full'],
    [() => null, 'not_found'],
  ] as const) {
    const { apiKeys, calls } = build(answer);
    await assert.rejects(apiKeys.remove(USER, KEY.id, COMMAND_LINE), { code });
    assert.ok(!calls.some(([name]) => name === 'forgetApiKey'), code);
  }
});

test('a key that is not there is neither revoked nor renamed', async () => {
  const { apiKeys, calls } = build(() => null);
  await assert.rejects(apiKeys.revoke('another', COMMAND_LINE), { message: 'API key another not found' });
  await assert.rejects(apiKeys.rename(USER, KEY.id, 'a name', COMMAND_LINE), { code: 'not_found' });
  assert.deepEqual(calls, []);
});

test('a new key is stored within the limit of its account, and expires after at most 68 years', async () => {
  const { apiKeys, calls } = build();
  const wanted = { name: 'a key', type: 'only_upload', ttl: 60 } as const;
  const { key } = await apiKeys.create(USER, wanted, COMMAND_LINE);
  assert.deepEqual(calls, [['store.create', key, 3, COMMAND_LINE]]);
  assert.deepEqual([key.type, key.expiresAt], ['only_upload', NOW + 60_000]);
  const tooLong = { ...wanted, ttl: LONGEST_KEY_TTL_S + 1 };
  await assert.rejects(apiKeys.create(USER, tooLong, COMMAND_LINE), { code: 'invalid_request' });
});
