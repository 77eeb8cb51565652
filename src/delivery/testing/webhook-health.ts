import type { Settlement } from '../../domain/delivery.ts';
import type { PauseReason } from '../../domain/webhook.ts';
import type { Settled } from '../../storage/contracts/queue.ts';

/** Findings about a webhook's receiver, from its attempts. */
export interface WebhookHealth {
  /** When the last attempt began. */
  lastTriggeredAt: number | null;
  /** When the first attempt of a period without a success began, by the steady clock. */
  failingSince: number | null;
  lastError: string | null;
}

interface Webhooks {
  readonly paused: Map<string, PauseReason>;
  readonly pausedAt: Map<string, number>;
  readonly deleted: ReadonlySet<string>;
  readonly health: Map<string, WebhookHealth>;
}

interface Thresholds {
  readonly now: number;
  readonly steadyNow: number;
  readonly pauseFailingSince: number | null;
}

/** Notes the health of the settled webhooks and pauses them, as `Queue.settle` describes it. */
export function noteHealth(
  webhooks: Webhooks,
  settlements: readonly Settlement[],
  thresholds: Thresholds,
): Settled['paused'] {
  const byWebhook = Map.groupBy(settlements, ({ webhookId }) => webhookId);
  return Array.from(byWebhook).flatMap(([webhookId, settled]) => {
    const reason = noteOne(webhooks, webhookId, settled, thresholds);
    return reason ? [{ webhookId, reason }] : [];
  });
}

/** Returns why the webhook is paused, if it had a failure and is paused now. */
function noteOne(
  { paused, pausedAt, deleted, health }: Webhooks,
  webhookId: string,
  settled: readonly Settlement[],
  { now, steadyNow, pauseFailingSince }: Thresholds,
): PauseReason | undefined {
  const known = health.getOrInsertComputed(webhookId, () => ({
    lastTriggeredAt: null,
    failingSince: null,
    lastError: null,
  }));
  const earlier = known.lastTriggeredAt ?? 0;
  known.lastTriggeredAt = Math.max(earlier > now ? 0 : earlier, ...settled.map(({ attempt }) => attempt.at));
  const isGone = settled.some(({ receiver }) => receiver === 'gone');
  if (!isGone && settled.some(({ receiver }) => receiver === 'works')) {
    Object.assign(known, { failingSince: null, lastError: null });
    return undefined;
  }
  const failures = settled
    .filter(({ receiver }) => receiver === 'fails' || receiver === 'gone')
    .map(({ attempt }) => attempt)
    .toSorted((a, b) => a.at - b.at);
  const [first] = failures;
  if (!first || deleted.has(webhookId)) return undefined;
  const failedBefore = known.failingSince;
  known.failingSince ??= first.at + steadyNow - now;
  known.lastError = failures.at(-1)?.error ?? null;
  const isFailingLong =
    failedBefore !== null && pauseFailingSince !== null && failedBefore <= pauseFailingSince;
  if (!paused.has(webhookId) && (isGone || isFailingLong)) {
    paused.set(webhookId, isGone ? 'gone' : 'failing');
    pausedAt.set(webhookId, now);
  }
  return paused.get(webhookId);
}
