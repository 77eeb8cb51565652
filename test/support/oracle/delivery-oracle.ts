import type { History, PublishedOnce, RecordedDelivery, SeenRequest } from './delivery-history.ts';

/** Kinds of violations of the delivery promises, with their descriptions. */
export const VIOLATIONS = {
  lost: 'accepted, and never sent to a webhook that wants it',
  unended: 'still pending, though nothing is left to wait for',
  unrecorded: 'sent, and not recorded',
  unsent: 'fewer requests arrived than are recorded as answered',
  'not acknowledged': 'recorded as succeeded, and no request for it was acknowledged',
  'given up early': 'recorded as failed before all of its attempts were made',
  'changed body': 'a repeat has another body',
  'emitted twice': 'one event has two ids, or two events have one',
  'not signed': "the signature is not the webhook's",
  unwanted: 'sent to a webhook that does not want it, or never published',
  'half a batch': 'one event of a request was taken, and another was not',
  overtaken: 'sent before the end of the one before it in its lane',
  'sent again': 'sent again after a later event of its lane, and nobody asked for it',
  'sent while paused': 'sent while its webhook was paused',
  repeated: 'more requests arrived than are recorded, and the service was never killed',
} as const;

export type ViolationKind = keyof typeof VIOLATIONS;

export interface Violation {
  readonly kind: ViolationKind;
  /** Ids of the event and the webhook, or the name of the request. */
  readonly what: string;
}

/**
 * Returns every violation of a promise in `history`. Finds them by comparing the requests of publishers, the
 * requests that receivers got, and the records.
 */
export function findViolations(history: History): Violation[] {
  const requests = Map.groupBy(history.requests, ({ webhookId, id }) => pair(webhookId, id));
  const record = new Map(history.record.map((one) => [pair(one.webhookId, one.id), one]));
  return [
    ...badRequests(history),
    ...lostEvents(history),
    ...halfBatches(history),
    ...badLanes(history),
    ...[...requests.keys()].filter((key) => !record.has(key)).map((what) => violation('unrecorded', what)),
    ...[...record].flatMap(([key, one]) => badRecord(one, requests.get(key) ?? [], history)),
  ];
}

/** Returns the number of requests in `history` that were the first request of their delivery. */
export function firstRequests(history: History): number {
  return new Set(history.requests.map(({ webhookId, id }) => pair(webhookId, id))).size;
}

const pair = (webhookId: string, id: string) => `${id} at webhook ${webhookId}`;

const violation = (kind: ViolationKind, what: string): Violation => ({ kind, what });

/** Checks each request by itself, and that each event has one id. */
function badRequests({ requests, webhooks, published, pauses }: History): Violation[] {
  const found: Violation[] = [];
  const [firstOfId, firstOfKey] = [new Map<string, SeenRequest>(), new Map<string, SeenRequest>()];
  const subscribed = new Map(webhooks.map((webhook) => [webhook.id, webhook]));
  const events = new Map(published.map((event) => [event.key, event]));
  for (const request of requests) {
    const what = `${request.key} (${pair(request.webhookId, request.id)})`;
    const sameId = firstOfId.getOrInsert(request.id, request);
    const sameKey = firstOfKey.getOrInsert(request.key, request);
    if (sameId.key !== request.key || sameKey.id !== request.id) found.push(violation('emitted twice', what));
    else if (sameId.body !== request.body) found.push(violation('changed body', what));
    if (!request.verified) found.push(violation('not signed', what));
    const [event, webhook] = [events.get(request.key), subscribed.get(request.webhookId)];
    if (!event || !webhook || !isWanted(event, webhook)) found.push(violation('unwanted', what));
    const isPaused = pauses.some(
      ({ webhookId, from, until }) =>
        webhookId === request.webhookId && request.at > from && request.at < until,
    );
    if (isPaused) found.push(violation('sent while paused', what));
  }
  return found;
}

function isWanted({ userId, type }: PublishedOnce, webhook: History['webhooks'][number]): boolean {
  return webhook.userId === userId && webhook.wants.has(type);
}

function lostEvents({ published, webhooks, requests }: History): Violation[] {
  const seen = new Set(requests.map(({ webhookId, key }) => pair(webhookId, key)));
  return published
    .filter(({ accepted }) => accepted)
    .flatMap((event) =>
      webhooks
        .filter((webhook) => isWanted(event, webhook) && !seen.has(pair(webhook.id, event.key)))
        .map((webhook) => violation('lost', pair(webhook.id, event.key))),
    );
}

/**
 * Checks the publishing requests without an answer. Such a request can be accepted or not, but not in part.
 */
function halfBatches({ published, webhooks, requests }: History): Violation[] {
  const seen = new Set(requests.map(({ key }) => key));
  const wanted = published.filter((event) => webhooks.some((webhook) => isWanted(event, webhook)));
  return [...Map.groupBy(wanted, ({ batch }) => batch)]
    .filter(([, events]) => new Set(events.map(({ key }) => seen.has(key))).size > 1)
    .filter(([, events]) => events.every(({ accepted }) => !accepted))
    .map(([batch]) => violation('half a batch', batch));
}

/** Consecutive requests in a lane that send the same event. */
type Run = readonly [SeenRequest, ...SeenRequest[]];

function badLanes(history: History): Violation[] {
  const numbers = new Map(history.published.map(({ key, number }) => [key, number]));
  const lanes = Map.groupBy(history.requests, ({ webhookId, mediaId }) => pair(webhookId, mediaId));
  const absent = absentRequests(history);
  return [...lanes.values()].flatMap((lane) => {
    const runs = runsOf(lane);
    return [...overtakings(runs, numbers, { ...history, absent }), ...returns(runs, history)];
  });
}

/**
 * Returns for each delivery how many of its recorded attempts have no request that arrived. On a busy machine, the
 * time limit of an attempt can end before its connection is made.
 */
function absentRequests({ requests, record }: History): ReadonlyMap<string, number> {
  const arrived = Map.groupBy(requests, ({ webhookId, id }) => pair(webhookId, id));
  return new Map(
    record.map(({ webhookId, id, attempts }) => {
      const key = pair(webhookId, id);
      return [key, Math.max(0, attempts - attemptsOf(arrived.get(key) ?? []))];
    }),
  );
}

function runsOf(lane: readonly SeenRequest[]): Run[] {
  const runs: [SeenRequest, ...SeenRequest[]][] = [];
  for (const request of lane) {
    const last = runs.at(-1);
    if (last?.[0].id === request.id) last.push(request);
    else runs.push([request]);
  }
  return runs;
}

/**
 * Checks the order in a lane. A run must begin only after the run before it was acknowledged or exhausted.
 * The first run of an event must come after the runs of all older events.
 */
function overtakings(
  runs: readonly Run[],
  numbers: ReadonlyMap<string, number>,
  { attemptsASchedule, absent }: Schedule,
): Violation[] {
  const found: Violation[] = [];
  const seen = new Set<string>();
  let newest = Number.NEGATIVE_INFINITY;
  for (const [index, [first]] of runs.entries()) {
    const before = runs[index - 1];
    const what = `${first.key} at webhook ${first.webhookId}, after ${before?.[0].key}`;
    const made = before ? attemptsOf(before) + (absent.get(pair(first.webhookId, before[0].id)) ?? 0) : 0;
    if (before && !isAcknowledged(before, first.arrived) && made < attemptsASchedule)
      found.push(violation('overtaken', `${what}, of which ${made} attempts were made`));
    const number = numbers.get(first.key) ?? Number.NaN;
    if (!seen.has(first.id) && number < newest) found.push(violation('overtaken', what));
    seen.add(first.id);
    newest = Math.max(newest, Number.isNaN(number) ? newest : number);
  }
  return found;
}

interface Schedule extends Pick<History, 'attemptsASchedule'> {
  /** Number of attempts of each delivery that have no request that arrived. */
  readonly absent: ReadonlyMap<string, number>;
}

/** Returns whether a request of the run was acknowledged before the arrival with the number `by`. */
function isAcknowledged(run: Run, by: number): boolean {
  return run.some(({ acknowledged }) => acknowledged !== null && acknowledged < by);
}

/** Returns the number of attempts that these requests belong to, without a kill. */
function attemptsOf(requests: readonly SeenRequest[]): number {
  return requests.filter(({ isSentAgain }) => !isSentAgain).length;
}

/** Checks that somebody asked for each run of an event, except for its first. */
function returns(runs: readonly Run[], { resends }: History): Violation[] {
  return [...Map.groupBy(runs, ([{ id }]) => id).values()].flatMap(([first, ...again]) => {
    const [{ webhookId, id, key }] = first as Run;
    if (again.length === 0) return [];
    const asked = resends.filter((one) => one.webhookId === webhookId && (one.id === id || one.id === null));
    return again.length > asked.length ? [violation('sent again', `${key} at webhook ${webhookId}`)] : [];
  });
}

function badRecord(
  { webhookId, id, state, attempts, answered }: RecordedDelivery,
  requests: readonly SeenRequest[],
  { attemptsASchedule, killed }: History,
): Violation[] {
  const found: ViolationKind[] = [];
  const hasSucceeded = requests.some(({ acknowledged }) => acknowledged !== null);
  if (state !== 'succeeded' && state !== 'failed') found.push('unended');
  if (state === 'succeeded' && !hasSucceeded) found.push('not acknowledged');
  if (state === 'failed' && attempts < attemptsASchedule) found.push('given up early');
  if (requests.length < answered) found.push('unsent');
  if (attemptsOf(requests) > attempts && !killed) found.push('repeated');
  return found.map((kind) => violation(kind, `${requests[0]?.key ?? '?'} (${pair(webhookId, id)})`));
}
