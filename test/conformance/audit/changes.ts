import { randomUUIDv7 } from 'node:crypto';
import type { Actor, AuditEntry } from '../../../src/domain/audit.ts';
import type { Storage } from '../../../src/storage/contracts/storage.ts';
import {
  newAccount,
  newApiKey,
  newMedia,
  newWebhook,
  publication,
  T0,
  USER,
} from '../../../src/storage/testing/records.ts';
import { commitOne, createWebhook, exhausted, postponed } from '../support/settlements.ts';

/** A prepared change, which leaves records when it is made. */
export interface RecordedChange {
  apply(by: Actor): Promise<unknown>;
  /** Reads the state that the change affects. */
  state(): Promise<unknown>;
  readonly leaves: readonly AuditEntry[];
  /** Whether the same change made again changes nothing, so that it leaves no record. */
  readonly isOnce: boolean;
}

const NOW = T0 + 1;

const entry = (action: AuditEntry['action'], targetId: string, changed: string[] = []): AuditEntry => ({
  at: NOW,
  accountId: USER,
  action,
  targetId,
  changed,
});

/** Changes by each method of the contracts that records one. */
export const RECORDED_CHANGES: Record<string, (storage: Storage) => Promise<RecordedChange>> = {
  'creating an account': async ({ accounts }) => {
    const account = newAccount({ id: USER, createdAt: NOW });
    const key = newApiKey({ createdAt: NOW });
    return {
      apply: (by) => accounts.create(account, key, by),
      state: () => accounts.find(USER),
      leaves: [entry('account.created', USER), entry('api_key.created', key.id)],
      isOnce: false,
    };
  },
  'disabling and renaming an account': (storage) =>
    ofAccount(storage, { isDisabled: true, firstName: 'Grace', lastName: 'Lovelace' }, [
      entry('account.disabled', USER),
      entry('account.updated', USER, ['firstName']),
    ]),
  'enabling an account': async (storage) => {
    const change = await ofAccount(storage, { isDisabled: false }, [entry('account.enabled', USER)]);
    await storage.accounts.update(USER, { isDisabled: true }, { at: T0, by: null });
    return change;
  },
  "setting an account's password": async (storage) => ({
    ...(await ofAccount(storage, { passwordHash: '$2' }, [entry('account.password_set', USER)])),
    isOnce: false,
  }),
  "changing one's password": async (storage) => ({
    ...(await ofAccount(storage, {}, [entry('account.password_changed', USER)])),
    apply: (by) => storage.accounts.changePassword(USER, { from: '$1', to: '$2' }, { at: NOW, by }),
  }),

  'creating an API key': async ({ apiKeys }) => {
    const key = newApiKey({ createdAt: NOW });
    return {
      apply: (by) => apiKeys.create(key, 10, by),
      state: () => apiKeys.findByPublicKey(key.publicKey),
      leaves: [entry('api_key.created', key.id)],
      isOnce: false,
    };
  },
  'renaming an API key': (storage) =>
    ofApiKey(storage, (id) => ({
      apply: (by) => storage.apiKeys.rename(USER, id, 'another', { at: NOW, by }),
      leaves: [entry('api_key.updated', id, ['name'])],
    })),
  'removing an API key': (storage) =>
    ofApiKey(storage, (id) => ({
      apply: (by) => storage.apiKeys.delete(USER, id, { at: NOW, by }),
      leaves: [entry('api_key.deleted', id)],
    })),

  'creating a webhook': async ({ webhooks }) => {
    const webhook = newWebhook({ createdAt: NOW });
    return {
      apply: (by) => webhooks.create(webhook, 10, by),
      state: () => webhooks.find(USER, webhook.id),
      leaves: [entry('webhook.created', webhook.id)],
      isOnce: false,
    };
  },
  'changing a webhook': (storage) => {
    const changes = {
      name: 'a webhook',
      url: 'https://other.example/',
      events: ['file.received', 'encoding.failed'],
      retrySchedule: [1_000],
      signature: 'both',
      privateKey: 'whsk_bmV3',
      headers: { authorization: 'Bearer 1' },
    } as const;
    const events = ['encodingStarted', 'partialFinished', 'encodingFinished'];
    const changed = ['url', ...events, 'retrySchedule', 'signature', 'headers'];
    return ofWebhook(storage, (id) => ({
      apply: (by) => storage.webhooks.update(USER, id, changes, { at: NOW, by }),
      leaves: [entry('webhook.updated', id, changed)],
    }));
  },
  "rotating a webhook's keys": (storage) => {
    const keys = { secret: 'whsec_bmV3', privateKey: 'whsk_bmV3', previousUntil: T0 + 10 };
    return ofWebhook(storage, (id) => ({
      apply: (by) => storage.webhooks.rotateKeys(USER, id, keys, { at: NOW, by }),
      leaves: [entry('webhook.secret_rotated', id)],
      isOnce: false,
    }));
  },
  'pausing a webhook': (storage) =>
    ofWebhook(storage, (id) => ({
      apply: (by) => storage.webhooks.pause(USER, id, { at: NOW, by }),
      leaves: [entry('webhook.paused', id)],
    })),
  'resuming a webhook': async (storage) => {
    const change = await ofWebhook(storage, (id) => ({
      apply: (by) => storage.webhooks.resume(USER, id, { at: NOW, by }),
      leaves: [entry('webhook.resumed', id)],
    }));
    await storage.webhooks.pause(USER, change.leaves[0]?.targetId ?? '', { at: T0, by: null });
    return change;
  },
  'removing a webhook': (storage) =>
    ofWebhook(storage, (id) => ({
      apply: (by) => storage.webhooks.delete(USER, id, { at: NOW, by }),
      leaves: [entry('webhook.deleted', id)],
    })),
  'starting a recovery': (storage) =>
    ofWebhook(storage, (webhookId) => {
      const times = { since: T0, until: T0 + 1, createdAt: NOW, endedAt: null };
      const recovery = { id: randomUUIDv7(), webhookId, userId: USER, state: 'running', queued: 0 } as const;
      return {
        apply: (by) => storage.bulkResends.create({ ...recovery, ...times }, by),
        state: () => storage.bulkResends.list(USER, webhookId),
        leaves: [entry('webhook.recovery_started', webhookId)],
      };
    }),

  'sending an ended delivery again': (storage) => resending(storage, exhausted),
  'sending a waiting delivery at once': (storage) =>
    resending(storage, (delivery) => postponed(delivery, T0 + 1_000)),

  'creating a media': async ({ media }) => {
    const created = newMedia({ createdAt: NOW });
    return {
      apply: (by) => media.create(created, { open: 10, unfinished: 10 }, by),
      state: () => media.find(USER, created.id),
      leaves: [entry('media.created', created.id)],
      isOnce: false,
    };
  },
  'completing an upload': (storage) =>
    ofMedia(storage, (id) => ({
      apply: (by) => {
        const step = { kind: 'received', mediaId: id, size: 9, by } as const;
        return storage.events.commit([publication('file.received', { mediaId: id }, step)], NOW);
      },
      leaves: [entry('media.completed', id)],
    })),
  'changing a media': (storage) => {
    const changes = { title: 'A clip', description: 'new', isPublic: false, tags: [], metadata: [] };
    return ofMedia(storage, (id) => ({
      apply: (by) => storage.media.update(USER, id, changes, { at: NOW, by }),
      leaves: [entry('media.updated', id, ['description', 'isPublic'])],
    }));
  },
  'setting a thumbnail': (storage) =>
    ofMedia(storage, (id) => ({
      apply: (by) => storage.media.setThumbnail(USER, id, true, { at: NOW, by }),
      leaves: [entry('media.thumbnail_set', id)],
      isOnce: false,
    })),
  'removing a thumbnail': async (storage) => {
    const change = await ofMedia(storage, (id) => ({
      apply: (by) => storage.media.setThumbnail(USER, id, false, { at: NOW, by }),
      leaves: [entry('media.thumbnail_removed', id)],
    }));
    await storage.media.setThumbnail(USER, change.leaves[0]?.targetId ?? '', true, { at: T0, by: null });
    return change;
  },
  'deleting a media': (storage) =>
    ofMedia(storage, (id) => ({
      apply: (by) => storage.media.delete(USER, id, { at: NOW, by }),
      leaves: [entry('media.deleted', id)],
    })),
};

type Change = Pick<RecordedChange, 'apply' | 'leaves'> & Partial<RecordedChange>;

async function ofAccount(
  { accounts }: Storage,
  changes: Parameters<Storage['accounts']['update']>[1],
  leaves: AuditEntry[],
): Promise<RecordedChange> {
  await accounts.create(newAccount({ id: USER, passwordHash: '$1' }), newApiKey(), null);
  return {
    apply: (by) => accounts.update(USER, changes, { at: NOW, by }),
    state: () => accounts.find(USER),
    leaves,
    isOnce: true,
  };
}

async function ofApiKey({ apiKeys }: Storage, change: (id: string) => Change): Promise<RecordedChange> {
  const key = newApiKey();
  await apiKeys.create(key, null, null);
  return { state: () => apiKeys.findByPublicKey(key.publicKey), isOnce: true, ...change(key.id) };
}

async function ofWebhook({ webhooks }: Storage, change: (id: string) => Change): Promise<RecordedChange> {
  const { id } = newWebhook();
  await webhooks.create(newWebhook({ id }), null, null);
  return { state: () => webhooks.find(USER, id), isOnce: true, ...change(id) };
}

async function ofMedia({ media }: Storage, change: (id: string) => Change): Promise<RecordedChange> {
  const { id } = newMedia();
  await media.create(newMedia({ id }), null, null);
  return { state: () => media.find(USER, id), isOnce: true, ...change(id) };
}

async function resending(storage: Storage, verdict: typeof exhausted): Promise<RecordedChange> {
  await createWebhook(storage);
  const delivery = await commitOne(storage, 'media-1');
  await storage.queue.settle([verdict(delivery)], T0, null);
  return {
    apply: (by) => storage.deliveries.resend(USER, delivery.id, { at: NOW, by }),
    state: () => storage.deliveries.find(USER, delivery.id),
    leaves: [entry('delivery.resent', delivery.id)],
    isOnce: true,
  };
}
