import assert from 'node:assert/strict';
import type { MemoryQueue } from '../../../src/delivery/testing/memory-queue.ts';
import type { Delivery } from '../../../src/domain/delivery.ts';
import { senderCredentialsOf, type Webhook } from '../../../src/domain/webhook.ts';
import type { DeliveryStore } from '../../../src/storage/contracts/deliveries.ts';
import type { EventStore, PublicationOutcome } from '../../../src/storage/contracts/events.ts';
import type { Storage } from '../../../src/storage/contracts/storage.ts';
import type { WebhookStore } from '../../../src/storage/contracts/webhooks.ts';
import { USER } from '../../../src/storage/testing/records.ts';

/** Webhooks by id. Deleted webhooks are left out. */
export type StoredWebhooks = Map<string, Webhook>;

/** Methods of other stores that the queue's suite calls. */
type Webhooks = Pick<WebhookStore, 'create' | 'find' | 'update' | 'pause' | 'resume' | 'delete'>;
type Deliveries = Pick<DeliveryStore, 'list' | 'find' | 'resend'>;

/** Opens the stores that the queue's suite needs, over a queue in memory. The other stores are missing. */
export function openMemoryStorage(queue: MemoryQueue, webhooks: StoredWebhooks): Storage {
  queue.targetOf = (id) => {
    const { url, retrySchedule, maxInFlight, ...webhook } =
      webhooks.get(id) ?? assert.fail(`no webhook ${id}`);
    return {
      id,
      url,
      ...senderCredentialsOf(webhook),
      ...(retrySchedule === 'default' ? null : { retrySchedule }),
      ...(maxInFlight === null ? null : { maxInFlight }),
    };
  };
  const stores: {
    readonly queue: MemoryQueue;
    readonly events: EventStore;
    readonly webhooks: Webhooks;
    readonly deliveries: Deliveries;
    close(): Promise<void>;
  } = {
    queue,
    events: {
      commit: async (publications, now, steadyNow) =>
        commit(queue, webhooks, { publications, now, ...(steadyNow !== undefined && { steadyNow }) }),
    },
    webhooks: webhookStore(queue, webhooks),
    deliveries: deliveryStore(queue),
    close: async () => undefined,
  };
  return stores as unknown as Storage;
}

interface Commit {
  readonly publications: Parameters<EventStore['commit']>[0];
  readonly now: number;
  readonly steadyNow?: number;
}

function commit(
  queue: MemoryQueue,
  webhooks: StoredWebhooks,
  { publications, now, steadyNow = now }: Commit,
) {
  const outcomes = publications.map((): PublicationOutcome => 'committed');
  const ready = publications.flatMap(({ event }) =>
    [...webhooks.values()]
      .filter(({ userId, events }) => userId === event.userId && events.includes(event.type))
      .flatMap(({ id: webhookId }) => {
        const { id, mediaId, body } = event;
        return queue.add({ event: { id, mediaId, body }, webhookId, now, steadyNow });
      }),
  );
  return { outcomes, ready };
}

function webhookStore(queue: MemoryQueue, webhooks: StoredWebhooks): Webhooks {
  const find = async (userId: string, id: string) => {
    const webhook = webhooks.get(id);
    if (webhook?.userId !== userId) return null;
    const pauseReason = queue.paused.get(id) ?? null;
    const health = { lastTriggeredAt: null, failingSince: null, lastError: null, ...queue.health.get(id) };
    return { ...webhook, ...health, pauseReason, pausedAt: pauseReason && (queue.pausedAt.get(id) ?? null) };
  };
  const change = async (id: string, changes: Partial<Webhook>) => {
    const webhook = webhooks.get(id) ?? assert.fail(`no webhook ${id}`);
    webhooks.set(id, { ...webhook, ...changes });
  };
  return {
    find,
    create: async (webhook) => void webhooks.set(webhook.id, webhook),
    update: async (userId, id, { url }, { at }) => {
      if (await find(userId, id)) await change(id, { ...(url && { url }), updatedAt: at });
      return find(userId, id);
    },
    pause: async (userId, id, { at }) => {
      const webhook = await find(userId, id);
      if (webhook && webhook.pausedAt === null) {
        queue.pause(id, 'owner', at);
        await change(id, { updatedAt: at });
      }
      return find(userId, id);
    },
    resume: async (userId, id, { at }) => {
      const webhook = await find(userId, id);
      if (webhook && webhook.pausedAt !== null) {
        queue.resume(id);
        await change(id, { updatedAt: at });
      }
      return find(userId, id);
    },
    delete: async (userId, id, { at }) => {
      if (!(await find(userId, id))) return null;
      webhooks.delete(id);
      return { cancelled: queue.cancel(id, at) };
    },
  };
}

function deliveryStore(queue: MemoryQueue): Deliveries {
  type Row = MemoryQueue['rows'][number];
  const toDelivery = ({ delivery, ...row }: Row): Delivery => ({
    id: delivery.id,
    webhookId: delivery.webhook.id,
    userId: USER,
    eventId: delivery.event.id,
    eventType: 'partial.finished',
    mediaId: delivery.event.mediaId,
    state: row.state,
    attempts: delivery.attempts,
    nextAttemptAt: row.nextAttemptAt,
    createdAt: row.createdAt,
    endedAt: row.endedAt,
    lastAttempt: row.attempts.at(-1) ?? null,
    pending: null,
  });
  const rowOf = (id: string) => queue.rows.find(({ delivery }) => delivery.id === id);
  return {
    list: async (_userId, webhookId) => {
      const rows = queue.rows.filter(({ delivery }) => delivery.webhook.id === webhookId);
      return { items: rows.map(toDelivery).toReversed(), next: null };
    },
    find: async (_userId, id) => {
      const row = rowOf(id);
      return row
        ? {
            delivery: toDelivery(row),
            body: row.delivery.event.body,
            attempts: [...row.attempts],
            earlier: null,
            revisions: [],
          }
        : null;
    },
    resend: async (_userId, id, { at }, steadyNow = at) => {
      const row = rowOf(id);
      if (!row) return null;
      queue.resend(row.delivery.seq, steadyNow);
      return 'queued';
    },
  };
}
