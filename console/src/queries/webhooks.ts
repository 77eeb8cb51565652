import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { answerOf, api } from '../api/client.ts';
import type { operations } from '../api/generated/api.d.ts';
import type { EventType } from '../texts/events.ts';

type ListAnswer = operations['listWebhooks']['responses'][200]['content']['application/json'];
type ChecksAnswer = operations['listChecks']['responses'][200]['content']['application/json'];
type RecoveriesAnswer = operations['listRecoveries']['responses'][200]['content']['application/json'];

export type Webhook = ListAnswer['data']['webhooks'][number];
export type WebhookCheck = ChecksAnswer['data']['checks'][number];
export type Recovery = RecoveriesAnswer['data']['recoveries'][number];
export type NewWebhook = operations['createWebhook']['requestBody']['content']['application/json'];
export type WebhookChanges = operations['updateWebhook']['requestBody']['content']['application/json'];
export type RetrySchedule = Webhook['retry_schedule'];

/** Maximum number of webhooks on a page of the list. */
export const PAGE_SIZE = 50;
/** Milliseconds between two looks at a page that shows the state of webhooks. */
const REFRESH_MS = 15_000;
/** Milliseconds between two looks at bulk resends that are running. */
const PROGRESS_MS = 1000;

/** Keys of all queries about webhooks begin with this, so that one call makes all of them ask again. */
export const WEBHOOKS = ['webhooks'] as const;

export function webhooksQuery(request: {
  readonly search: string;
  readonly offset: number;
  readonly limit?: number;
}) {
  const query = { limit: PAGE_SIZE, ...request, sort_by: 'created_at', order_by: 'desc' } as const;
  return queryOptions({
    queryKey: [...WEBHOOKS, 'list', query],
    queryFn: async ({ signal }) =>
      (await answerOf(api.GET('/api/webhooks', { params: { query }, signal }))).data,
    placeholderData: keepPreviousData,
    refetchInterval: REFRESH_MS,
  });
}

export function webhookQuery(id: string) {
  const params = { path: { id } };
  return queryOptions({
    queryKey: [...WEBHOOKS, 'one', id],
    queryFn: async ({ signal }) =>
      (await answerOf(api.GET('/api/webhooks/{id}', { params, signal }))).data.webhook,
    refetchInterval: REFRESH_MS,
  });
}

/** The signing secret, which is asked for only when someone wants to see it, and is forgotten at once. */
export function secretQuery(id: string) {
  const params = { path: { id } };
  return queryOptions({
    queryKey: [...WEBHOOKS, 'secret', id],
    queryFn: async ({ signal }) =>
      (await answerOf(api.GET('/api/webhooks/{id}/secret', { params, signal }))).data.secret,
    enabled: false,
    gcTime: 0,
    staleTime: 0,
  });
}

export function checksQuery(id: string) {
  const params = { path: { id } };
  return queryOptions({
    queryKey: [...WEBHOOKS, 'checks', id],
    queryFn: async ({ signal }) =>
      (await answerOf(api.GET('/api/webhooks/{id}/checks', { params, signal }))).data.checks,
  });
}

/** Bulk resends of a webhook. While one is running, its progress is asked for each second. */
export function recoveriesQuery(id: string) {
  const params = { path: { id } };
  return queryOptions({
    queryKey: [...WEBHOOKS, 'recoveries', id],
    queryFn: async ({ signal }) =>
      (await answerOf(api.GET('/api/webhooks/{id}/recoveries', { params, signal }))).data.recoveries,
    refetchInterval: ({ state }) =>
      state.data?.some(({ state }) => state === 'running') ? PROGRESS_MS : false,
  });
}

export async function createWebhook(body: NewWebhook) {
  return (await answerOf(api.POST('/api/webhooks', { body }))).data.webhook;
}

export async function updateWebhook(id: string, body: WebhookChanges): Promise<void> {
  await answerOf(api.PATCH('/api/webhooks/{id}', { params: { path: { id } }, body }));
}

export async function deleteWebhook(id: string): Promise<void> {
  await answerOf(api.DELETE('/api/webhooks/{id}', { params: { path: { id } } }));
}

export async function pauseWebhook(id: string): Promise<void> {
  await answerOf(api.POST('/api/webhooks/{id}/pause', { params: { path: { id } } }));
}

export async function resumeWebhook(id: string): Promise<void> {
  await answerOf(api.POST('/api/webhooks/{id}/resume', { params: { path: { id } } }));
}

/** Sends a sample event now. Resolves when the receiver has answered 2xx. @throws ApiError that says what it did instead */
export async function checkWebhook(id: string, event: EventType) {
  return (
    await answerOf(api.POST('/api/webhooks/check/{id}', { params: { path: { id }, query: { event } } }))
  ).data;
}

/** @param overlapSeconds seconds for which requests are signed with the old keys, too */
export async function rotateSecret(id: string, overlapSeconds: number) {
  const body = { overlap_seconds: overlapSeconds };
  return (await answerOf(api.POST('/api/webhooks/{id}/secret/rotate', { params: { path: { id } }, body })))
    .data;
}

/** Sends everything again that failed since a time. */
export async function recoverWebhook(id: string, since: string): Promise<Recovery> {
  const params = { path: { id } };
  return (await answerOf(api.POST('/api/webhooks/{id}/recover', { params, body: { since } }))).data.recovery;
}

/** Returns the types of events that a webhook wants. */
export function eventsOf(webhook: Webhook): EventType[] {
  return (Object.keys(EVENT_FIELDS) as EventType[]).filter((type) => webhook[EVENT_FIELDS[type]]);
}

/** Fields of a webhook that say whether it wants a type of events. */
export const EVENT_FIELDS = {
  'file.received': 'file_received',
  'encoding.started': 'encoding_started',
  'partial.finished': 'partial_finished',
  'encoding.finished': 'encoding_finished',
  'encoding.failed': 'encoding_failed',
} as const satisfies Record<EventType, keyof Webhook>;
