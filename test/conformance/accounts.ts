import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { type StorageHarness, storageTests } from './harness.ts';
import { newAccount, newApiKey } from './records.ts';

export function testAccounts(harness: StorageHarness): void {
  const storageTest = storageTests(harness);

  describe('accounts', () => {
    storageTest(
      'an account is found as it was created, with its first key',
      async ({ accounts, apiKeys }) => {
        assert.equal(await accounts.any(), false);
        const account = newAccount({ isOperator: true, firstName: 'Zoë', lastName: "O'Neil" });
        const key = newApiKey({ userId: account.id, expiresAt: null, ttl: 0 });
        await accounts.create(account, key);
        assert.deepEqual(await accounts.find(account.id), account);
        assert.deepEqual(await apiKeys.findByPublicKey(key.publicKey), key);
        assert.equal(await accounts.any(), true);
        assert.equal(await accounts.find(newAccount().id), null);
      },
    );

    storageTest('a taken email address is a conflict, and leaves no key', async ({ accounts, apiKeys }) => {
      const first = newAccount();
      await accounts.create(first, newApiKey({ userId: first.id }));
      const second = newAccount({ email: first.email });
      const key = newApiKey({ userId: second.id });
      await assert.rejects(accounts.create(second, key), { name: 'ApiError', code: 'conflict' });
      assert.equal(await accounts.find(second.id), null);
      assert.equal(await apiKeys.findByPublicKey(key.publicKey), null);
      assert.deepEqual(await accounts.find(first.id), first);
    });

    storageTest('an account whose key can not be created is not created', async ({ accounts }) => {
      const first = newAccount();
      const key = newApiKey({ userId: first.id });
      await accounts.create(first, key);
      const second = newAccount();
      const sameKey = newApiKey({ userId: second.id, publicKey: key.publicKey });
      await assert.rejects(accounts.create(second, sameKey));
      assert.equal(await accounts.find(second.id), null);
      await accounts.create(second, newApiKey({ userId: second.id }));
      assert.deepEqual(await accounts.find(second.id), second);
    });

    storageTest('of many ids, those that are accounts are told', async ({ accounts }) => {
      const some = [newAccount(), newAccount()];
      for (const account of some) await accounts.create(account, newApiKey({ userId: account.id }));
      const ids = some.map((account) => account.id);
      const strangers = Array.from({ length: 40_000 }, () => newAccount().id);
      const existing = await accounts.existing([...strangers, ...ids]);
      assert.deepEqual(existing.toSorted(), ids.toSorted());
      assert.deepEqual(await accounts.existing([]), []);
    });
  });
}
