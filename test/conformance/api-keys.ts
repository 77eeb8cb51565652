import assert from 'node:assert/strict';
import { describe } from 'node:test';
import type { ApiKey } from '../../src/domain/account.ts';
import type { ApiKeyStore } from '../../src/storage/contracts/api-keys.ts';
import { newApiKey, STRANGER, T0, USER } from '../../src/storage/testing/records.ts';
import { type StorageHarness, storageTests } from './support/harness.ts';

const ALL = { offset: 0, limit: 100, orderBy: 'asc', sortBy: 'createdAt', search: null, type: null } as const;

async function createNamed(apiKeys: ApiKeyStore, names: readonly string[]): Promise<ApiKey[]> {
  const keys = names.map((name, n) => newApiKey({ name, createdAt: T0 + n }));
  for (const key of keys) await apiKeys.create(key, null, null);
  return keys;
}

async function names(apiKeys: ApiKeyStore, request: Partial<Parameters<ApiKeyStore['list']>[1]>) {
  const { items, total } = await apiKeys.list(USER, { ...ALL, ...request });
  return { names: items.map((key) => key.name), total };
}

export function testApiKeys(harness: StorageHarness): void {
  const storageTest = storageTests(harness);

  describe('API keys', () => {
    storageTest('are listed by time or name, in both orders, page by page', async ({ apiKeys }) => {
      await createNamed(apiKeys, ['b', 'c', 'a']);
      assert.deepEqual(await names(apiKeys, {}), { names: ['b', 'c', 'a'], total: 3 });
      assert.deepEqual((await names(apiKeys, { orderBy: 'desc' })).names, ['a', 'c', 'b']);
      assert.deepEqual((await names(apiKeys, { sortBy: 'name' })).names, ['a', 'b', 'c']);
      assert.deepEqual(await names(apiKeys, { offset: 1, limit: 1 }), { names: ['c'], total: 3 });
      assert.deepEqual(await names(apiKeys, { offset: 3 }), { names: [], total: 3 });
    });

    storageTest('are searched by a part of the name, without wildcards', async ({ apiKeys }) => {
      await createNamed(apiKeys, [
        '100% sure',
        '100 sure',
        'snake_case',
        'snakeXcase',
        'back\\slash',
        'École',
      ]);
      assert.deepEqual(await names(apiKeys, { search: '0%' }), { names: ['100% sure'], total: 1 });
      assert.deepEqual((await names(apiKeys, { search: 'E_C' })).names, ['snake_case']);
      assert.deepEqual((await names(apiKeys, { search: 'k\\s' })).names, ['back\\slash']);
      assert.deepEqual((await names(apiKeys, { search: 'École' })).names, ['École']);
      assert.deepEqual((await names(apiKeys, { search: "' or 1=1" })).names, []);
      assert.deepEqual(await names(apiKeys, { search: 'SURE', limit: 1 }), {
        names: ['100% sure'],
        total: 2,
      });
    });

    storageTest('are seen, renamed and deleted by their own account only', async ({ apiKeys }) => {
      const key = newApiKey();
      await apiKeys.create(key, null, null);
      assert.deepEqual(await apiKeys.list(STRANGER, ALL), { items: [], total: 0 });
      assert.equal(await apiKeys.rename(STRANGER, key.id, 'stolen', { at: T0 + 1, by: null }), false);
      assert.equal(await apiKeys.delete(STRANGER, key.id, { at: T0, by: null }), null);
      assert.deepEqual(await apiKeys.findByPublicKey(key.publicKey), key);

      assert.equal(await apiKeys.rename(USER, key.id, 'renamed', { at: T0 + 1, by: null }), true);
      const renamed = { ...key, name: 'renamed', updatedAt: T0 + 1 };
      assert.deepEqual(await apiKeys.findByPublicKey(key.publicKey), renamed);
      assert.deepEqual(await apiKeys.delete(USER, key.id, { at: T0, by: null }), renamed);
      assert.equal(await apiKeys.findByPublicKey(key.publicKey), null);
      assert.equal(await apiKeys.delete(USER, key.id, { at: T0, by: null }), null);
      assert.equal(await apiKeys.rename(USER, key.id, 'again', { at: T0 + 2, by: null }), false);
    });

    storageTest('keep the time of their last use, which never goes back', async ({ apiKeys }) => {
      const [one, two, unused] = await createNamed(apiKeys, ['one', 'two', 'unused']);
      assert.ok(one && two && unused);
      await apiKeys.touch([
        { id: one.id, at: T0 + 5 },
        { id: two.id, at: T0 + 6 },
        { id: 'no such key', at: T0 + 7 },
      ]);
      await apiKeys.touch([{ id: two.id, at: T0 + 1 }]);
      await apiKeys.touch([]);
      const { items } = await apiKeys.list(USER, ALL);
      assert.deepEqual(
        items.map((key) => key.lastRequestedAt),
        [T0 + 5, T0 + 6, null],
      );
    });

    storageTest('a public key belongs to one key', async ({ apiKeys }) => {
      const key = newApiKey();
      await apiKeys.create(key, null, null);
      await assert.rejects(apiKeys.create(newApiKey({ publicKey: key.publicKey }), null, null));
      assert.equal((await apiKeys.list(USER, ALL)).total, 1);
    });
  });
}
