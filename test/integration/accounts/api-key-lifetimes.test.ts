import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { Authenticator, type Credential } from '../../../src/accounts/authenticator.ts';
import { generateApiKey } from '../../../src/accounts/secrets/api-key-secrets.ts';
import { Tokens } from '../../../src/accounts/tokens.ts';
import { eventually } from '../../../src/platform/testing/eventually.ts';
import type { Storage } from '../../../src/storage/contracts/storage.ts';
import { openStorage } from '../../../src/storage/open-storage.ts';
import { KEYS, newAccount, T0 } from '../../../src/storage/testing/records.ts';

/** Keys over time: the test sets the clock, and the database is on the disk. */

/** Milliseconds for which a valid credential is cached: docs/decisions/0009. */
const REMEMBERED_MS = 5_000;
const MINUTE_MS = 60_000;

/**
 * Creates an account with a key, and an authenticator that asks the storage. Counts how often the authenticator
 * records a use.
 */
async function setUp(t: TestContext, { ttl = 0 } = {}) {
  const dir = await mkdtemp(join(tmpdir(), 'mediahooks-keys-'));
  const open = () => openStorage(pathToFileURL(join(dir, 'test.db')), { keys: KEYS });
  let storage = await open();
  t.after(async () => {
    await storage.close();
    await rm(dir, { recursive: true });
  });
  const account = newAccount();
  const { key, secret } = generateApiKey({
    userId: account.id,
    name: 'a key',
    type: 'full_access',
    ttl,
    now: T0,
  });
  await storage.accounts.create(account, key, null);

  const clock = { now: T0, setBackMs: 0 };
  const tokenKeys = join(dir, 'token-keys');
  const tokens = await Tokens.open(tokenKeys, T0);
  const uses = { noted: 0, isDiskFull: false };
  const apiKeys = new Proxy({} as Storage['apiKeys'], {
    get: (_target, name: keyof Storage['apiKeys']) => {
      if (name !== 'touch') return storage.apiKeys[name];
      return (noted: Parameters<Storage['apiKeys']['touch']>[0]) => {
        uses.noted += 1;
        if (uses.isDiskFull) return Promise.reject(Object.assign(new Error('full'), { code: 'ENOSPC' }));
        return storage.apiKeys.touch(noted);
      };
    },
  });
  const authenticator = () => {
    const { accounts } = storage;
    const asked = { accounts, apiKeys } as Storage;
    const now = () => clock.now;
    const monotonicNow = () => clock.now + clock.setBackMs;
    return new Authenticator({ storage: asked, tokens, identityProvider: null, now, monotonicNow });
  };
  const credential: Credential = { kind: 'api-key', publicKey: key.publicKey, secretKey: secret };
  return {
    ...{ account, key, credential, clock, uses, authenticator, tokens, tokenKeys },
    storage: () => storage,
    restart: async () => {
      await storage.close();
      storage = await open();
      return authenticator();
    },
    lastUse: async () => (await storage.apiKeys.findByPublicKey(key.publicKey))?.lastRequestedAt,
  };
}

const isGood = async (by: Authenticator, credential: Credential) => (await by.identify(credential)) !== null;

test('a key is valid to the last millisecond of its time, and no longer, whether cached or not', async (t) => {
  const { authenticator, credential, clock } = await setUp(t, { ttl: 60 });
  const by = authenticator();
  clock.now = T0 + 59_999;
  assert.ok(await isGood(by, credential));
  assert.ok(by.recall(credential));
  clock.now = T0 + 60_000;
  assert.equal(by.recall(credential), null);
  assert.ok(!(await isGood(by, credential)));
  assert.ok(!(await isGood(authenticator(), credential)));
});

test('a key that another process removes without a notice is valid for at most five seconds', async (t) => {
  const { authenticator, credential, clock, storage, account, key } = await setUp(t);
  const by = authenticator();
  assert.ok(await isGood(by, credential));
  const admission = { admittedAt: T0, admittedMonotonic: T0, revocations: by.revocations };
  await storage().apiKeys.delete(account.id, key.id, { at: Date.now(), by: null });
  clock.now = T0 + REMEMBERED_MS - 1;
  assert.ok(await isGood(by, credential));
  assert.ok(!by.mayBeRevoked(admission));
  clock.now = T0 + REMEMBERED_MS;
  assert.ok(!(await isGood(by, credential)));
  // Requests that began with the key are checked again, from then on.
  assert.ok(by.mayBeRevoked(admission));
  assert.ok(await by.wasRevoked(credential, T0));
  // A clock that was set back has no effect.
  clock.setBackMs = REMEMBERED_MS + 1;
  clock.now = T0 - 1;
  assert.ok(by.mayBeRevoked(admission));
});

test('a clock that is set back does not keep a removed key in the cache', async (t) => {
  const { authenticator, credential, clock, storage, account, key } = await setUp(t);
  const by = authenticator();
  assert.ok(await isGood(by, credential));
  await storage().apiKeys.delete(account.id, key.id, { at: Date.now(), by: null });
  clock.setBackMs = 3_600_000 + REMEMBERED_MS;
  clock.now = T0 - 3_600_000;
  assert.ok(!(await isGood(by, credential)));
});

test('a token is valid for at most five seconds once the key that signed it is deleted', async (t) => {
  const { authenticator, clock, account, tokens, tokenKeys } = await setUp(t);
  const signed = async (): Promise<Credential> => {
    return { kind: 'token', token: await tokens.issue(account.id, { ttl: 3600, now: T0 }) };
  };
  const by = authenticator();
  const credential = await signed();
  assert.ok(await isGood(by, credential));
  const [stolen = ''] = await readdir(tokenKeys);
  await tokens.rotateKey(T0);
  await rm(join(tokenKeys, stolen));
  clock.now = T0 + REMEMBERED_MS - 1;
  assert.ok(await isGood(by, credential));
  assert.ok(!(await isGood(authenticator(), credential)));
  clock.now = T0 + REMEMBERED_MS;
  assert.ok(!(await isGood(by, credential)));
  assert.ok(await by.wasRevoked(credential, T0));
  assert.ok(await isGood(by, await signed()));
});

test('a notice that a key was removed evicts it at once, and no other', async (t) => {
  const { authenticator, credential, storage, account, key } = await setUp(t);
  const other = generateApiKey({ userId: account.id, name: 'other', type: 'full_access', ttl: 0, now: T0 });
  await storage().apiKeys.create(other.key, null, null);
  const kept: Credential = { kind: 'api-key', publicKey: other.key.publicKey, secretKey: other.secret };
  const by = authenticator();
  for (const one of [credential, kept]) assert.ok(await isGood(by, one));
  const admission = { admittedAt: T0, admittedMonotonic: T0, revocations: by.revocations };
  await storage().apiKeys.delete(account.id, key.id, { at: Date.now(), by: null });
  assert.ok(!by.mayBeRevoked(admission));
  by.forgetApiKey(key.id);
  assert.ok(by.mayBeRevoked(admission));
  assert.ok(!(await by.wasRevoked(kept, T0)));
  assert.equal(by.recall(credential), null);
  assert.ok(!(await isGood(by, credential)));
  assert.ok(by.recall(kept));
});

test('a key that is removed during its look-up is not cached', async (t) => {
  const { authenticator, credential, storage, account, key } = await setUp(t);
  const by = authenticator();
  const looking = by.identify(credential);
  by.forgetApiKey(key.id);
  await storage().apiKeys.delete(account.id, key.id, { at: Date.now(), by: null });
  await looking;
  assert.equal(by.recall(credential), null);
  assert.ok(!(await isGood(by, credential)));
});

test('the last use is recorded, with one write a minute however busy the key is, and survives a restart', async (t) => {
  const { authenticator, credential, clock, uses, lastUse, restart } = await setUp(t);
  // The use is stored in the background, because a request does not wait for it.
  const untilLastUse = (at: number) =>
    eventually('the last use is stored', async () => (await lastUse()) === at);
  const by = authenticator();
  assert.equal(await lastUse(), null);
  for (; clock.now < T0 + MINUTE_MS; clock.now += 100) assert.ok(await isGood(by, credential));
  await untilLastUse(T0);
  assert.equal(uses.noted, 1);
  assert.ok(await isGood(by, credential));
  await untilLastUse(T0 + MINUTE_MS);
  assert.equal(uses.noted, 2);
  const after = await restart();
  assert.equal(await lastUse(), T0 + MINUTE_MS);
  clock.now += 1;
  assert.ok(await isGood(after, credential));
  await untilLastUse(T0 + MINUTE_MS + 1);
});

test('a guess at its secret is not a use of a key', async (t) => {
  const { authenticator, credential, uses, lastUse } = await setUp(t);
  assert.ok(credential.kind === 'api-key');
  assert.ok(!(await isGood(authenticator(), { ...credential, secretKey: 'a guess' })));
  assert.deepEqual([uses.noted, await lastUse()], [0, null]);
});

test("a key is valid even if its use can't be recorded", async (t) => {
  const { authenticator, credential, uses, lastUse, account } = await setUp(t);
  uses.isDiskFull = true;
  assert.equal((await authenticator().identify(credential))?.account.id, account.id);
  assert.deepEqual([uses.noted, await lastUse()], [1, null]);
});
