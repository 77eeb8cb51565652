import type { Exchange } from '../delivery/attempt/exchange.ts';
import type { Settlement } from '../domain/delivery.ts';
import { ServiceError } from '../domain/errors.ts';
import type { EventType } from '../domain/event.ts';
import type { Committed, Publication } from '../storage/contracts/events.ts';
import type { Storage } from '../storage/contracts/storage.ts';
import type { AttemptOutcome, Metrics, RequestLimit } from './metrics.ts';

/**
 * Function that is called after each commit of the hot path. Its argument is `null` if the commit succeeded,
 * and otherwise contains the error.
 */
export type OnCommit = (failure: { readonly error: unknown } | null) => void;

/**
 * Returns a wrapper of `storage` that counts and times commits, and counts requests that a limit refuses. The
 * wrapper works for every storage backend.
 */
export function instrumentStorage(storage: Storage, metrics: Metrics, onCommit: OnCommit): Storage {
  const timed = commitTimer(metrics, onCommit);
  const refusing = refusalCounter(metrics);
  return overriding(storage, {
    events: overriding(storage.events, {
      commit: async (publications, ...times) => {
        const commit = () => storage.events.commit(publications, ...times);
        const committed = await timed('publish', publications.length, commit);
        countPublications(metrics, publications, committed);
        return committed;
      },
    }),
    queue: overriding(storage.queue, {
      settle: async (settlements, ...rest) => {
        const settle = () => storage.queue.settle(settlements, ...rest);
        const settled = await timed('settle', settlements.length, settle);
        countEnds(metrics, settlements);
        return settled;
      },
    }),
    apiKeys: overriding(storage.apiKeys, {
      create: (...args) => refusing('api_keys', storage.apiKeys.create(...args)),
    }),
    media: overriding(storage.media, {
      create: (...args) => refusing('open_uploads', storage.media.create(...args)),
      reserveBytes: (...args) => refusing('account_bytes', storage.media.reserveBytes(...args)),
    }),
    usage: overriding(storage.usage, {
      reserveThumbnail: (...args) => refusing('encoded_bytes', storage.usage.reserveThumbnail(...args)),
    }),
    webhooks: overriding(storage.webhooks, {
      create: (...args) => refusing('webhooks', storage.webhooks.create(...args)),
      delete: async (...args) => {
        const removed = await storage.webhooks.delete(...args);
        if (removed) metrics.deliveriesEnded.cancelled.inc(removed.cancelled);
        return removed;
      },
      cancelDeliveries: async (limit) => {
        const step = await storage.webhooks.cancelDeliveries(limit);
        metrics.deliveriesEnded.cancelled.inc(step.cancelled);
        return step;
      },
    }),
  });
}

/** Returns a function that runs a commit, times it, and reports its outcome. */
function commitTimer(metrics: Metrics, onCommit: OnCommit) {
  return async <T>(operation: 'publish' | 'settle', size: number, commit: () => Promise<T>): Promise<T> => {
    const startedAt = performance.now();
    try {
      const result = await commit();
      metrics.commitDuration[operation].observe((performance.now() - startedAt) / 1_000);
      metrics.commitSize[operation].observe(size);
      onCommit(null);
      return result;
    } catch (error) {
      metrics.commitsFailed[operation].inc();
      onCommit({ error });
      throw error;
    }
  };
}

/**
 * Returns a function that waits for `work`. If `work` fails because a limit of the account is reached, the
 * function counts a refusal.
 */
function refusalCounter(metrics: Metrics) {
  return (limit: RequestLimit, work: Promise<void>): Promise<void> =>
    work.catch((error: unknown) => {
      if (error instanceof ServiceError && error.code === 'limit_reached')
        metrics.requestsRefused[limit].inc();
      throw error;
    });
}

/**
 * Counts an attempt by the outcome of its exchange. Records the duration of the exchange, unless nothing could
 * be sent.
 */
export function countExchange(metrics: Metrics, exchange: Exchange): void {
  metrics.attempts[attemptOutcomeOf(exchange)].inc();
  if (exchange.ownCause === null) metrics.sendDuration.observe(exchange.durationMs / 1_000);
}

/**
 * Returns the outcome under which an exchange is counted. If the answer was incomplete, the failure is
 * counted, and the status of the answer is ignored.
 */
function attemptOutcomeOf({ status, failure, ownCause }: Exchange): AttemptOutcome {
  if (ownCause !== null) return 'not_sent';
  if (failure !== null) return failure;
  if (status === null) return 'other';
  if (status < 300) return '2xx';
  if (status < 400) return '3xx';
  if (status < 500) return '4xx';
  return status < 600 ? '5xx' : 'other';
}

function countPublications(
  metrics: Metrics,
  publications: readonly Publication[],
  committed: Committed,
): void {
  // Adds up the accepted events by type first, so that a large batch increments few counters.
  const accepted: Partial<Record<EventType, number>> = {};
  let index = 0;
  for (const { event, step } of publications) {
    const outcome = committed.outcomes[index];
    index += 1;
    if (outcome === 'repeated') metrics.eventsRepeated[event.type].inc();
    if (outcome !== 'committed') continue;
    accepted[event.type] = (accepted[event.type] ?? 0) + 1;
    if (step?.kind === 'received') metrics.uploads.inc();
    else if (step?.kind === 'finished') metrics.encodes.finished.inc();
    else if (step?.kind === 'failed') metrics.encodes.failed.inc();
  }
  for (const [type, count] of Object.entries(accepted)) metrics.eventsAccepted[type as EventType].inc(count);
}

function countEnds(metrics: Metrics, settlements: readonly Settlement[]): void {
  let succeeded = 0;
  let failed = 0;
  for (const { verdict } of settlements) {
    if (verdict.state === 'succeeded') succeeded += 1;
    else if (verdict.state === 'failed') failed += 1;
  }
  if (succeeded > 0) metrics.deliveriesEnded.succeeded.inc(succeeded);
  if (failed > 0) metrics.deliveriesEnded.failed.inc(failed);
}

/**
 * Returns a proxy of `target` in which some members are replaced. A copy would not work, because some
 * backends create their members on access.
 */
function overriding<T extends object>(target: T, members: Partial<T>): T {
  return new Proxy(target, {
    get: (_, name) => {
      const own = members[name as keyof T];
      if (own !== undefined) return own;
      const member: unknown = Reflect.get(target, name);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
}
