import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { type Actor, COMMAND_LINE } from '../../src/domain/audit.ts';
import type { ConsoleLink, ConsoleSession } from '../../src/domain/console-session.ts';
import { MOST_CONSOLE_LINKS, MOST_CONSOLE_SESSIONS } from '../../src/storage/contracts/console-sessions.ts';
import type { Storage } from '../../src/storage/contracts/storage.ts';
import { newAccount, newApiKey, STRANGER, T0, USER } from '../../src/storage/testing/records.ts';
import { type StorageHarness, storageTests } from './support/harness.ts';

const BY: Actor = { ...COMMAND_LINE, credential: 'password', address: '192.0.2.7' };

function session(id: string, changes: Partial<ConsoleSession> = {}): ConsoleSession {
  const fields = { userId: USER, means: 'password', apiKeyId: null, generation: 0 } as const;
  return { id, ...fields, createdAt: T0, expiresAt: T0 + 1000, ...changes };
}

function link(id: string, changes: Partial<ConsoleLink> = {}): ConsoleLink {
  return { id, userId: USER, createdAt: T0, expiresAt: T0 + 1000, ...changes };
}

const byLink = (id: string, createdAt = T0) => ({
  ...({ id, means: 'link', apiKeyId: null } as const),
  createdAt,
  expiresAt: createdAt + 1000,
});

async function actionsOf({ audit }: Storage): Promise<[string, string | null][]> {
  const page = {
    offset: 0,
    limit: 100,
    orderBy: 'asc',
    action: null,
    targetId: null,
    actorId: null,
  } as const;
  const { items } = await audit.list({ ...page, of: 'all', since: null, until: null });
  return items.map(({ action, actor }) => [action, actor.accountId]);
}

/** Ids of sessions that can be found. */
async function existing({ consoleSessions }: Storage, ids: readonly string[]): Promise<string[]> {
  const found = await Promise.all(ids.map((id) => consoleSessions.find(id)));
  return ids.filter((_, n) => found[n] !== null);
}

export function testConsoleSessions(harness: StorageHarness): void {
  const storageTest = storageTests(harness);

  describe('sessions of the console', () => {
    storageTest('are found until they are ended, by their account only, with records', async (storage) => {
      const { consoleSessions } = storage;
      await consoleSessions.create(session('a'), BY);
      await consoleSessions.create(session('b'), null);
      assert.deepEqual(await consoleSessions.find('a'), { session: session('a'), apiKey: null });
      assert.equal(await consoleSessions.find('c'), null);
      assert.equal(await consoleSessions.end(STRANGER, 'a', { at: T0, by: BY }), false);
      assert.equal(await consoleSessions.end(USER, 'a', { at: T0, by: { ...BY, accountId: USER } }), true);
      assert.equal(await consoleSessions.end(USER, 'a', { at: T0, by: BY }), false);
      assert.deepEqual(await existing(storage, ['a', 'b']), ['b']);
      assert.deepEqual(await actionsOf(storage), [
        ['account.signed_in', null],
        ['account.signed_out', USER],
      ]);
    });

    storageTest(
      'have the API key that opened them, and end with it',
      async ({ consoleSessions, apiKeys }) => {
        const key = newApiKey({ type: 'only_upload' });
        await apiKeys.create(key, null, null);
        await consoleSessions.create(session('a', { means: 'api_key', apiKeyId: key.id }), null);
        assert.deepEqual((await consoleSessions.find('a'))?.apiKey, key);
        await apiKeys.delete(USER, key.id, { at: T0, by: null });
        assert.equal(await consoleSessions.find('a'), null);
      },
    );

    storageTest('are bounded for each account: the expired and the oldest give way', async (storage) => {
      const { consoleSessions } = storage;
      const ids = Array.from({ length: MOST_CONSOLE_SESSIONS + 2 }, (_, n) => `s${n}`);
      await consoleSessions.create(session('other', { userId: STRANGER, expiresAt: T0 + 90_000 }), null);
      await consoleSessions.create(session('expired', { expiresAt: T0 + 1 }), null);
      for (const [n, id] of ids.entries())
        await consoleSessions.create(session(id, { createdAt: T0 + 1 + n, expiresAt: T0 + 90_000 }), null);
      assert.deepEqual(await existing(storage, ['other', 'expired', ...ids]), ['other', ...ids.slice(2)]);
    });
  });

  describe('links to the console', () => {
    storageTest('open one session of their account, once', async (storage) => {
      const { consoleSessions, accounts } = storage;
      const account = newAccount({ id: USER, tokenGeneration: 3 });
      await accounts.create(account, newApiKey({ userId: account.id }), null);
      await consoleSessions.createLink(link('l'), BY);
      const [first, second] = await Promise.all([
        consoleSessions.redeemLink('l', byLink('a'), BY),
        consoleSessions.redeemLink('l', byLink('b'), BY),
      ]);
      const opened = { ...byLink('a'), userId: USER, generation: 3 };
      assert.deepEqual([first, second], [opened, null]);
      assert.deepEqual(await existing(storage, ['a', 'b']), ['a']);
      assert.deepEqual(await actionsOf(storage), [
        ['account.console_link_issued', null],
        ['account.signed_in', USER],
      ]);
    });

    storageTest('open nothing when they are unknown, too old, or of a disabled account', async (storage) => {
      const { consoleSessions, accounts } = storage;
      const account = newAccount({ id: USER });
      await accounts.create(account, newApiKey({ userId: account.id }), null);
      await consoleSessions.createLink(link('old'), BY);
      await consoleSessions.createLink(link('disabled', { expiresAt: T0 + 90_000 }), BY);
      assert.equal(await consoleSessions.redeemLink('unknown', byLink('a'), BY), null);
      assert.equal(await consoleSessions.redeemLink('old', byLink('a', T0 + 1000), BY), null);
      await accounts.update(account.id, { isDisabled: true }, { at: T0, by: null });
      assert.equal(await consoleSessions.redeemLink('disabled', byLink('a'), BY), null);
      assert.deepEqual(await existing(storage, ['a']), []);
    });

    storageTest(
      'are bounded for each account: the oldest gives way',
      async ({ consoleSessions, accounts }) => {
        const account = newAccount({ id: USER });
        await accounts.create(account, newApiKey({ userId: account.id }), null);
        for (let n = 0; n <= MOST_CONSOLE_LINKS; n += 1)
          await consoleSessions.createLink(link(`l${n}`, { createdAt: T0 + n, expiresAt: T0 + 90_000 }), BY);
        assert.equal(await consoleSessions.redeemLink('l0', byLink('a'), BY), null);
        assert.ok(await consoleSessions.redeemLink('l1', byLink('b'), BY));
      },
    );
  });
}
