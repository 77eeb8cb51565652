import type { Actor } from '../../domain/audit.ts';
import type { ReadyDelivery } from '../../domain/delivery.ts';
import type { NewEvent } from '../../domain/event.ts';
import type { MediaStep, QualityRequest } from '../../domain/media.ts';
import type { Committed, Publication, PublicationOutcome } from '../contracts/events.ts';
import { recordRow } from '../kysely/audit.ts';
import { deliveryId, laneOf } from '../kysely/tables/delivery-keys.ts';
import { ROW_BYTES } from '../kysely/tables/row-bytes.ts';
import type { Database } from './database.ts';
import type { Subscriber } from './lookups/subscriptions.ts';
import { owedColumn } from './unwritten/owed-column.ts';
import type { UnwrittenDelivery } from './unwritten/unwritten-deliveries.ts';
import { writeOldest, writePending } from './unwritten/write-deliveries.ts';

const INSERT_EVENT = `
  insert into events (id, user_id, media_id, type, emitted_at, body, unique_key, created_at, charged_bytes, owed)
  values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

const INSERT_RECORD = `
  insert into audit_records (id, created_at, user_id, action, target_id, changed,
    actor_id, credential, api_key_id, public_key, address, request_id, charged_bytes)
  values (:id, :createdAt, :userId, :action, :targetId, :changed,
    :actorId, :credential, :apiKeyId, :publicKey, :address, :requestId, :chargedBytes)`;

const INSERT_QUALITY = `
  insert into media_qualities (media_id, position, resolution, type, container_type,
    video_codec, video_bitrate, audio_codec, audio_bitrate, status)
  values (?, ?, ?, ?, ?, ?, ?, ?, ?, 'waiting')`;

const CHARGE = `
  insert into record_usage (user_id, bytes) values (?, ?)
  on conflict (user_id) do update set bytes = bytes + excluded.bytes`;

/**
 * Number of new deliveries after which a commit takes no further event. They take some milliseconds of the thread's
 * time, and later, if they do not succeed at once, about 20 ms.
 */
const MANY_DELIVERIES = 2_000;
/**
 * Maximum number of ready deliveries that a commit claims for its caller. It must decrypt the credentials of their
 * webhooks, and the main thread takes them in about 4 ms. Only an event with more webhooks reaches the maximum.
 */
const MAX_CLAIMED = 2_000;

/**
 * Maximum number of unwritten deliveries. They take some 20 MiB. A commit that exceeds the number writes rows of the
 * oldest ones.
 */
const MAX_UNWRITTEN = 50_000;

/** Deliveries that a commit has made so far. */
interface Made {
  readonly ready: ReadyDelivery[];
  deliveries: number;
  hasMoreReady: boolean;
}

/**
 * Implements `EventStore.commit`. Must be called within a transaction. The deliveries of an event get consecutive
 * numbers, greater than those of earlier events. So the order of deliveries by number is the order of their events,
 * on which `removeEvents` relies. They get no rows yet: see `UnwrittenDeliveries`.
 */
export function commitEvents(
  db: Database,
  publications: readonly Publication[],
  at: CommitTime,
  groups?: readonly number[],
): Committed {
  const made: Made = { ready: [], deliveries: 0, hasMoreReady: false };
  const outcomes: PublicationOutcome[] = [];
  const room = new Room(db, made);
  for (const size of groups ?? [publications.length]) {
    const isFirst = outcomes.length === 0;
    const end = outcomes.length + size;
    if (!isFirst && !room.hasFor(publications, outcomes.length, end)) break;
    while (outcomes.length < end && !(groups && isFirst && room.isFull))
      outcomes.push(commitOne(db, publications[outcomes.length] as Publication, at, made));
  }
  const excess = db.unwritten.size - MAX_UNWRITTEN;
  // Writes many at once, because finding the oldest ones costs as much for one as for thousands.
  if (excess > 0) writeOldest(db, MANY_DELIVERIES);
  return { outcomes, ready: made.ready, ...(made.hasMoreReady && { hasMoreReady: true }) };
}

/** Says how much more a commit may do, so that it does not hold the thread for long. */
class Room {
  readonly #db: Database;
  readonly #made: Made;
  /** Number of webhooks that had been looked up before the commit. A look-up costs more than a delivery. */
  readonly #lookedUpBefore: number;

  constructor(db: Database, made: Made) {
    this.#db = db;
    this.#made = made;
    this.#lookedUpBefore = db.subscriptions.lookedUp;
  }

  get isFull(): boolean {
    return this.#used >= MANY_DELIVERIES;
  }

  /** Returns whether the commit may take the publications from `from` to `end`, too. */
  hasFor(publications: readonly Publication[], from: number, end: number): boolean {
    if (end - from <= 1) return !this.isFull;
    let deliveries = 0;
    for (let n = from; n < end; n += 1) {
      const { userId, type } = (publications[n] as Publication).event;
      deliveries += this.#db.subscriptions.of(userId, type).length;
      if (this.#used + deliveries > MANY_DELIVERIES) return false;
    }
    return true;
  }

  get #used(): number {
    return this.#made.deliveries + this.#db.subscriptions.lookedUp - this.#lookedUpBefore;
  }
}

/** Time of a commit, by the wall clock and by the steady clock. Deliveries are due by the steady clock. */
export interface CommitTime {
  readonly now: number;
  readonly steadyNow: number;
}

function commitOne(
  db: Database,
  { event, step }: Publication,
  at: CommitTime,
  made: Made,
): PublicationOutcome {
  const { now } = at;
  const { userId, idempotencyKey: key } = event;
  // A repeated event must not change the media.
  const keyHash = key === null ? null : db.eventKeys.findFree(userId, key);
  if (key !== null && keyHash === null) return 'repeated';
  if (step && !takeStep(db, step, now)) return 'refused';
  const subscribers = db.subscriptions.of(userId, event.type);
  const firstSeq = db.nextDeliverySeq;
  // Only the events of the account's own media are counted. Others are published by operators, for whom there is no limit.
  const chargedBytes = step ? bytesOf(event, subscribers.length) : 0;
  const owed = subscribers.length === 0 ? null : owedColumn(firstSeq, subscribers);
  const inserted = db
    .prepare(INSERT_EVENT)
    .run(
      ...[event.id, userId, event.mediaId, event.type, event.emittedAt, event.body, key, now],
      chargedBytes,
      owed,
    );
  if (chargedBytes > 0) db.prepare(CHARGE).run(userId, chargedBytes);
  if (step?.kind === 'received' && step.by) recordCompletion(db, step.by, event, now);
  const seq = Number(inserted.lastInsertRowid);
  if (keyHash !== null) db.eventKeys.add(keyHash, seq);
  db.written.noteEvent(seq);
  db.nextDeliverySeq += subscribers.length;
  fanOut(db, { event, seq, subscribers, firstSeq }, at, made);
  return 'committed';
}

/** Returns the number of bytes that an event and its deliveries count in the usage of the account. */
function bytesOf({ body }: NewEvent, deliveries: number): number {
  return ROW_BYTES.event + Buffer.byteLength(body) + deliveries * ROW_BYTES.delivery;
}

interface InsertedEvent {
  readonly event: NewEvent;
  readonly seq: number;
  readonly subscribers: readonly Subscriber[];
  /** Number of the event's first delivery. */
  readonly firstSeq: number;
}

function fanOut(
  db: Database,
  { event, seq, subscribers, firstSeq }: InsertedEvent,
  { now, steadyNow }: CommitTime,
  made: Made,
): void {
  if (subscribers.length === 0) return;
  const { userId, type, mediaId, id, body } = event;
  const shared = { seq, userId, type, lane: laneOf(mediaId) };
  const message = { id, mediaId, body };
  let deliverySeq = firstSeq;
  for (const subscriber of subscribers) {
    const { seq: webhookSeq, isPaused } = subscriber;
    const delivery: UnwrittenDelivery = {
      seq: deliverySeq++,
      event: shared,
      webhookSeq,
      createdAt: now,
      state: 'waiting',
      dueAt: steadyNow,
      next: null,
    };
    const waits = isLaneBusy(db, webhookSeq, shared.lane);
    if (!waits) delivery.state = isPaused || made.ready.length >= MAX_CLAIMED ? 'due' : 'claimed';
    db.unwritten.add(delivery);
    made.deliveries += 1;
    if (delivery.state === 'claimed') {
      made.ready.push({
        id: deliveryId(delivery.seq, now),
        seq: delivery.seq,
        event: message,
        webhook: db.subscriptions.targetOf(subscriber),
        attempts: 0,
        attemptsBefore: 0,
      });
    } else if (isPaused && !waits) writePending(db, delivery);
    else if (!waits) made.hasMoreReady = true;
  }
}

/** Returns whether an earlier delivery of the lane is pending. Those that have rows come before those that have none. */
function isLaneBusy(db: Database, webhookSeq: number, lane: number): boolean {
  return db.unwritten.hasLane(webhookSeq, lane) || db.backlogs.isBusy(webhookSeq, lane);
}

function recordCompletion(db: Database, by: Actor, { userId, mediaId }: NewEvent, now: number): void {
  const entry = { at: now, accountId: userId, action: 'media.completed', targetId: mediaId } as const;
  const row = recordRow(by, entry);
  db.prepare(INSERT_RECORD).run(row);
  db.prepare(CHARGE).run(userId, row.chargedBytes);
}

/**
 * Changes the state of the media as the step says. Returns false, and changes nothing, when the media is not
 * in the state from which the step starts.
 */
function takeStep(db: Database, step: MediaStep, now: number): boolean {
  const { changes } = runStep(db, step, now);
  // This step has changed only the row of the quality. The media of the quality counts as changed, too.
  if (changes === 1 && step.kind === 'quality-done') {
    db.prepare('update media set updated_at = ? where id = ?').run(now, step.mediaId);
  }
  if (changes === 1 && step.kind === 'received' && step.audio) becomeAudio(db, step.mediaId, step.audio);
  return changes === 1;
}

function becomeAudio(db: Database, mediaId: string, qualities: readonly QualityRequest[]): void {
  db.prepare("update media set type = 'audio' where id = ?").run(mediaId);
  db.prepare('delete from media_qualities where media_id = ?').run(mediaId);
  for (const [position, quality] of qualities.entries()) {
    const { resolution, type, containerType, videoCodec, videoBitrate, audioCodec, audioBitrate } = quality;
    db.prepare(INSERT_QUALITY).run(
      ...[mediaId, position, resolution, type, containerType],
      ...[videoCodec, videoBitrate, audioCodec, audioBitrate],
    );
  }
}

function runStep(db: Database, step: MediaStep, now: number) {
  switch (step.kind) {
    case 'received':
      return db
        .prepare(`update media set received_at = ?, size = ?, kept_bytes = ?, updated_at = ?
          where id = ? and status = 'new' and received_at is null`)
        .run(now, step.size, step.size, now, step.mediaId);
    case 'started':
      return db
        .prepare(`update media set status = 'transcoding', updated_at = ?
          where id = ? and status = 'new' and received_at is not null`)
        .run(now, step.mediaId);
    case 'quality-done':
      return db
        .prepare(`update media_qualities set status = 'done'
          where media_id = ? and position = ? and status = 'transcoding'
            and exists (select 1 from media where id = media_id and status = 'transcoding')`)
        .run(step.mediaId, step.position);
    case 'finished':
      return db
        .prepare(`update media set status = 'done', updated_at = ? where id = ? and status = 'transcoding'`)
        .run(now, step.mediaId);
    case 'failed':
      return db
        .prepare(`update media set status = 'fail', error = ?, updated_at = ?
          where id = ? and status = 'transcoding'`)
        .run(step.reason, now, step.mediaId);
  }
}
