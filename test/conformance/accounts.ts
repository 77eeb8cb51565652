import assert from 'node:assert/strict';
import { describe } from 'node:test';
import type { AccountListRequest } from '../../src/storage/contracts/accounts.ts';
import { newAccount, newApiKey, T0 } from '../../src/storage/testing/records.ts';
import { type StorageHarness, storageTests } from './support/harness.ts';

export function testAccounts(harness: StorageHarness): void {
  const storageTest = storageTests(harness);

  describe('accounts', () => {
    storageTest(
      'an account is found as it was created, with its first key',
      async ({ accounts, apiKeys }) => {
        assert.equal(await accounts.any(), false);
        const account = newAccount({ isOperator: true, firstName: 'Zoë', lastName: "O'Neil" });
        const key = newApiKey({ userId: account.id, expiresAt: null, ttl: 0 });
        await accounts.create(account, key, null);
        assert.deepEqual(await accounts.find(account.id), account);
        assert.deepEqual(await apiKeys.findByPublicKey(key.publicKey), key);
        assert.equal(await accounts.any(), true);
        assert.equal(await accounts.find(newAccount().id), null);
      },
    );

    storageTest(
      'a taken email address is a conflict, and no key is created',
      async ({ accounts, apiKeys }) => {
        const first = newAccount();
        await accounts.create(first, newApiKey({ userId: first.id }), null);
        const second = newAccount({ email: first.email });
        const key = newApiKey({ userId: second.id });
        await assert.rejects(accounts.create(second, key, null), { name: 'ServiceError', code: 'conflict' });
        assert.equal(await accounts.find(second.id), null);
        assert.equal(await apiKeys.findByPublicKey(key.publicKey), null);
        assert.deepEqual(await accounts.find(first.id), first);
      },
    );

    storageTest('an account is not created when its key cannot be created', async ({ accounts }) => {
      const first = newAccount();
      const key = newApiKey({ userId: first.id });
      await accounts.create(first, key, null);
      const second = newAccount();
      const sameKey = newApiKey({ userId: second.id, publicKey: key.publicKey });
      await assert.rejects(accounts.create(second, sameKey, null));
      assert.equal(await accounts.find(second.id), null);
      await accounts.create(second, newApiKey({ userId: second.id }), null);
      assert.deepEqual(await accounts.find(second.id), second);
    });

    storageTest('are found by their email address as it is stored', async ({ accounts }) => {
      const account = newAccount({ email: 'ada@example.com', passwordHash: '$hash' });
      await accounts.create(account, newApiKey({ userId: account.id }), null);
      assert.deepEqual(await accounts.findByEmail('ada@example.com'), account);
      for (const other of ['ADA@example.com', 'ada@example.co', '%', '']) {
        assert.equal(await accounts.findByEmail(other), null);
      }
    });

    storageTest('are listed by time or email address, searched, a page at a time', async ({ accounts }) => {
      for (const [n, name] of ['b_1', 'c', 'aXb1'].entries()) {
        const account = newAccount({ email: `${name}@example.com`, createdAt: T0 + n, isDisabled: n === 1 });
        await accounts.create(account, newApiKey({ userId: account.id }), null);
      }
      const all = {
        offset: 0,
        limit: 100,
        orderBy: 'asc',
        sortBy: 'createdAt',
        search: null,
        isDisabled: null,
      } as const;
      const names = async (request: Partial<AccountListRequest>) => {
        const { items, total } = await accounts.list({ ...all, ...request });
        return [items.map(({ email }) => email.split('@')[0]), total];
      };
      assert.deepEqual(await names({}), [['b_1', 'c', 'aXb1'], 3]);
      assert.deepEqual(await names({ orderBy: 'desc' }), [['aXb1', 'c', 'b_1'], 3]);
      assert.deepEqual(await names({ sortBy: 'email' }), [['aXb1', 'b_1', 'c'], 3]);
      assert.deepEqual(await names({ offset: 1, limit: 1 }), [['c'], 3]);
      assert.deepEqual(await names({ search: 'B_' }), [['b_1'], 1]);
      assert.deepEqual(await names({ isDisabled: true }), [['c'], 1]);
      assert.deepEqual(await names({ isDisabled: false, search: 'example' }), [['b_1', 'aXb1'], 2]);
    });

    storageTest('an update changes only the given fields', async ({ accounts }) => {
      const account = newAccount({ isOperator: true, passwordHash: '$hash' });
      await accounts.create(account, newApiKey({ userId: account.id }), null);
      const disabled = { ...account, isDisabled: true, updatedAt: T0 + 1 };
      assert.deepEqual(
        await accounts.update(account.id, { isDisabled: true }, { at: T0 + 1, by: null }),
        disabled,
      );
      assert.deepEqual(await accounts.find(account.id), disabled);
      const named = { ...disabled, isDisabled: false, firstName: 'Grace', updatedAt: T0 + 2 };
      const changes = { isDisabled: false, firstName: 'Grace' };
      assert.deepEqual(await accounts.update(account.id, changes, { at: T0 + 2, by: null }), named);
      assert.equal(
        await accounts.update(newAccount().id, { isDisabled: true }, { at: T0 + 3, by: null }),
        null,
      );
    });

    storageTest(
      'a new password begins a token generation, a new hash of the same password does not',
      async ({ accounts }) => {
        const account = newAccount();
        await accounts.create(account, newApiKey({ userId: account.id }), null);
        const first = { ...account, passwordHash: '$1', tokenGeneration: 1, updatedAt: T0 + 1 };
        assert.deepEqual(
          await accounts.update(account.id, { passwordHash: '$1' }, { at: T0 + 1, by: null }),
          first,
        );
        assert.equal(
          await accounts.changePassword(account.id, { from: '$0', to: '$2' }, { at: T0 + 2, by: null }),
          null,
        );
        assert.deepEqual(await accounts.find(account.id), first);
        const second = { ...account, passwordHash: '$2', tokenGeneration: 2, updatedAt: T0 + 3 };
        assert.deepEqual(
          await accounts.changePassword(account.id, { from: '$1', to: '$2' }, { at: T0 + 3, by: null }),
          second,
        );
        await accounts.rehashPassword(account.id, { from: '$1', to: '$late' });
        assert.deepEqual(await accounts.find(account.id), second);
        await accounts.rehashPassword(account.id, { from: '$2', to: '$dearer' });
        assert.deepEqual(await accounts.find(account.id), { ...second, passwordHash: '$dearer' });
        assert.equal(
          await accounts.changePassword(newAccount().id, { from: '$2', to: '$3' }, { at: T0 + 4, by: null }),
          null,
        );
      },
    );

    storageTest('of two concurrent password changes, one succeeds', async ({ accounts }) => {
      const account = newAccount({ passwordHash: '$0' });
      await accounts.create(account, newApiKey({ userId: account.id }), null);
      const changes = ['$1', '$2'].map((to) =>
        accounts.changePassword(account.id, { from: '$0', to }, { at: T0 + 1, by: null }),
      );
      const made = (await Promise.all(changes)).filter((changed) => changed !== null);
      assert.equal(made.length, 1);
      assert.deepEqual(await accounts.find(account.id), made[0]);
    });

    storageTest('existing accounts are told apart from unknown ids, however many', async ({ accounts }) => {
      const some = [newAccount(), newAccount()];
      for (const account of some) await accounts.create(account, newApiKey({ userId: account.id }), null);
      const ids = some.map((account) => account.id);
      const strangers = Array.from({ length: 40_000 }, () => newAccount().id);
      const existing = await accounts.existing([...strangers, ...ids]);
      assert.deepEqual(existing.toSorted(), ids.toSorted());
      assert.deepEqual(await accounts.existing([]), []);
    });
  });
}
