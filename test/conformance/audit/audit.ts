import assert from 'node:assert/strict';
import { describe } from 'node:test';
import type { Actor, AuditEntry, AuditRecord } from '../../../src/domain/audit.ts';
import type { AuditListRequest } from '../../../src/storage/contracts/audit.ts';
import type { Storage } from '../../../src/storage/contracts/storage.ts';
import { KEYS, newWebhook, STRANGER, T0, USER } from '../../../src/storage/testing/records.ts';
import { databaseTest, type StorageHarness, storageTests, withOpen } from '../support/harness.ts';
import { RECORDED_CHANGES } from './changes.ts';

const ACTOR: Actor = {
  accountId: STRANGER,
  credential: 'api_key',
  apiKey: { id: 'key-1', publicKey: 'public-1' },
  address: '192.0.2.7',
  requestId: 'request-1',
};

/** An actor whose records can't be written. */
const UNRECORDABLE = { ...ACTOR, credential: null } as unknown as Actor;

const ALL: AuditListRequest = {
  of: 'all',
  action: null,
  targetId: null,
  actorId: null,
  since: null,
  until: null,
  orderBy: 'asc',
  offset: 0,
  limit: 100,
};

async function recordsIn(
  { audit }: Storage,
  request: Partial<AuditListRequest> = {},
): Promise<AuditRecord[]> {
  return [...(await audit.list({ ...ALL, ...request })).items];
}

const byAction = (one: { action: string }, other: { action: string }) => (one.action < other.action ? -1 : 1);

export function testAudit(harness: StorageHarness): void {
  const storageTest = storageTests(harness);

  describe('the audit log', () => {
    for (const [name, prepare] of Object.entries(RECORDED_CHANGES)) {
      storageTest(`${name} leaves its record: who, when, and which target`, async (storage) => {
        const { apply, leaves, isOnce } = await prepare(storage);
        assert.deepEqual(await recordsIn(storage), [], 'null records nothing');
        await apply(ACTOR);
        const records = await recordsIn(storage);
        const told = records.map(({ id: _, ...rest }) => rest).toSorted(byAction);
        assert.deepEqual(told, leaves.map((entry) => ({ ...entry, actor: ACTOR })).toSorted(byAction));
        if (!isOnce) return;
        await apply(ACTOR);
        assert.deepEqual(await recordsIn(storage), records, 'a call that changes nothing leaves no record');
      });

      storageTest(`${name} is undone when its record can't be written`, async (storage) => {
        const { apply, state, leaves } = await prepare(storage);
        const before = await state();
        // Both changes share a commit; the other one stays.
        const other = newWebhook({ userId: STRANGER });
        const [undone] = await Promise.allSettled([
          apply(UNRECORDABLE),
          storage.webhooks.create(other, null, null),
        ]);
        assert.equal(undone.status, 'rejected');
        assert.deepEqual(await state(), before);
        assert.deepEqual(await recordsIn(storage), []);
        assert.ok(await storage.webhooks.find(STRANGER, other.id));
        await apply(ACTOR);
        assert.equal((await recordsIn(storage)).length, leaves.length);
      });
    }

    storageTest("a change of a missing thing, or of another account's, leaves no record", async (storage) => {
      const { apiKeys, webhooks, media, deliveries, accounts } = storage;
      const { id } = newWebhook();
      await webhooks.create(newWebhook({ id }), null, null);
      await webhooks.update(STRANGER, id, { name: 'mine' }, { at: T0, by: ACTOR });
      await webhooks.rotateKeys(
        STRANGER,
        id,
        { secret: 's', privateKey: 'p', previousUntil: null },
        { at: T0, by: ACTOR },
      );
      await webhooks.pause(STRANGER, id, { at: T0, by: ACTOR });
      await webhooks.resume(USER, id, { at: T0, by: ACTOR });
      await webhooks.delete(STRANGER, id, { at: T0, by: ACTOR });
      await apiKeys.rename(USER, id, 'mine', { at: T0, by: ACTOR });
      await apiKeys.delete(USER, id, { at: T0, by: ACTOR });
      await media.update(USER, id, { title: 'mine' }, { at: T0, by: ACTOR });
      await media.setThumbnail(USER, id, true, { at: T0, by: ACTOR });
      await media.delete(USER, id, { at: T0, by: ACTOR });
      await deliveries.resend(USER, id, { at: T0, by: ACTOR });
      await accounts.update(id, { isDisabled: true }, { at: T0, by: ACTOR });
      await accounts.changePassword(id, { from: '$1', to: '$2' }, { at: T0, by: ACTOR });
      assert.deepEqual(await recordsIn(storage), []);
    });

    databaseTest(
      'the end of a rotation of encryption keys is recorded once',
      harness.create,
      async (database) => {
        await withOpen(database, async () => undefined);
        const both = [Buffer.alloc(32, 'new key'), ...KEYS];
        await withOpen({ ...database, open: () => database.open(both) }, async (storage) => {
          for (const at of [T0, T0 + 1]) await storage.encryption.retireKeys({ at, by: ACTOR });
          const told = (await recordsIn(storage)).map(({ at, action, accountId }) => [at, action, accountId]);
          assert.deepEqual(told, [[T0, 'encryption_key.rotated', null]]);
        });
      },
    );

    storageTest('is listed by account, action, target, actor and time, page by page', async (storage) => {
      const add = (at: number, entry: Partial<AuditEntry>, by: Partial<Actor> = {}) =>
        storage.audit.add(
          { at: T0 + at, accountId: USER, action: 'account.signed_in', targetId: USER, ...entry },
          { ...ACTOR, ...by },
        );
      await add(1, {});
      await add(2, { action: 'webhook.paused', targetId: 'w1' });
      await add(3, { accountId: STRANGER }, { accountId: USER });
      await add(4, { accountId: null, action: 'token_key.rotated', targetId: 'k1' }, { accountId: null });
      const times = async (request: Partial<AuditListRequest>) => {
        const { items, total } = await storage.audit.list({ ...ALL, ...request });
        return [items.map(({ at }) => at - T0), total];
      };
      assert.deepEqual(await times({}), [[1, 2, 3, 4], 4]);
      assert.deepEqual(await times({ orderBy: 'desc', offset: 1, limit: 2 }), [[3, 2], 4]);
      assert.deepEqual(await times({ of: { accountId: USER } }), [[1, 2], 2]);
      assert.deepEqual(await times({ of: { accountId: null } }), [[4], 1]);
      assert.deepEqual(await times({ action: 'account.signed_in' }), [[1, 3], 2]);
      assert.deepEqual(await times({ of: { accountId: USER }, targetId: 'w1' }), [[2], 1]);
      assert.deepEqual(await times({ actorId: USER }), [[3], 1]);
      assert.deepEqual(await times({ since: T0 + 2, until: T0 + 4 }), [[2, 3], 2]);
    });

    storageTest(
      'at most a hundred refused sign-ins to an account are recorded within an hour',
      async (storage) => {
        const refused = (at: number, accountId: string) => {
          const action = 'account.sign_in_refused';
          return storage.audit.add(
            { at, accountId, action, targetId: accountId },
            { ...ACTOR, accountId: null },
          );
        };
        const count = async (accountId: string) =>
          (await storage.audit.list({ ...ALL, of: { accountId }, limit: 1 })).total;
        for (let n = 0; n < 110; n += 1) await refused(T0 + n, USER);
        assert.equal(await count(USER), 100);
        await refused(T0, STRANGER);
        assert.equal(await count(STRANGER), 1);
        await refused(T0 + 3_600_000, USER);
        assert.equal(await count(USER), 101);
      },
    );

    storageTest('old records are removed in steps, the oldest first', async (storage) => {
      for (const at of [3, 1, 5, 2, 4]) {
        const entry = { at: T0 + at, accountId: USER, action: 'account.signed_in', targetId: USER } as const;
        await storage.audit.add(entry, ACTOR);
      }
      const remove = (before: number, limit: number) =>
        storage.retention.removeAuditRecords({ before: T0 + before, limit });
      const left = async () => (await recordsIn(storage)).map(({ at }) => at - T0);
      assert.equal(await remove(4, 2), 2);
      assert.deepEqual(await left(), [3, 4, 5]);
      assert.equal(await remove(4, 2), 1);
      assert.equal(await remove(4, 2), 0);
      assert.deepEqual(await left(), [4, 5]);
    });
  });
}
