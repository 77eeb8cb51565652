import type { EventType } from '../../../domain/event.ts';

/** The part of an event that its unwritten deliveries need. They share one object. */
export interface UnwrittenEvent {
  readonly seq: number;
  readonly userId: string;
  readonly type: EventType;
  /** Number that stands for the media in the key of the lane: see `laneOf`. */
  readonly lane: number;
}

/**
 * - `claimed`: the caller of the storage sends it, or has it in memory;
 * - `due`: it is ready, but nobody has claimed it;
 * - `waiting`: another delivery of its lane must end first.
 */
export type UnwrittenState = 'claimed' | 'due' | 'waiting';

/** A delivery that has no row yet. The row of its event lists it. */
export interface UnwrittenDelivery {
  readonly seq: number;
  readonly event: UnwrittenEvent;
  readonly webhookSeq: number;
  readonly createdAt: number;
  state: UnwrittenState;
  /** When it became ready, by the steady clock. Without meaning while it waits. */
  dueAt: number;
  /** The next unwritten delivery of its lane. */
  next: UnwrittenDelivery | null;
}

/** The unwritten deliveries of a lane, oldest first. */
interface Lane {
  first: UnwrittenDelivery;
  last: UnwrittenDelivery;
}

/**
 * A change that can be undone. A delivery stands for itself: it was added to an empty lane, or it was removed. These two
 * are nearly all changes, and functions for them would live as long as a transaction, which costs V8 more than the
 * changes themselves.
 */
type Undo = (() => void) | UnwrittenDelivery;

/**
 * The deliveries that have no rows yet. Most deliveries succeed within milliseconds of their commit. So a commit writes
 * only the rows of the events, which list their deliveries, and keeps the deliveries in this memory. A delivery gets
 * its row when it has succeeded, or when something happens that the SQL of the other files is to decide about:
 *
 *   commit --> claimed, due or waiting --- succeeds ---------> row: ended
 *                       |
 *                       +-- fails, is released, lasts long,
 *                           or is to be read or changed -----> row: pending
 *
 * In a lane, the deliveries that have rows come before those that have none, because the first delivery of a lane is
 * always the first that gets a row. After a kill, `recoverDeliveries` makes the missing rows from those of the events.
 *
 * All changes since `begin` can be undone, because they must be undone with the transaction that they belong to.
 */
export class UnwrittenDeliveries {
  readonly #bySeq = new Map<number, UnwrittenDelivery>();
  readonly #lanes = new Map<number, Map<number, Lane>>();
  /** The changes of the present transaction, oldest first. */
  readonly #undo: Undo[] = [];
  #dueCount = 0;

  get size(): number {
    return this.#bySeq.size;
  }

  /** Number of deliveries that are ready, and that nobody has claimed. */
  get dueCount(): number {
    return this.#dueCount;
  }

  get(seq: number): UnwrittenDelivery | undefined {
    return this.#bySeq.get(seq);
  }

  /** Returns whether the lane has an unwritten delivery. */
  hasLane(webhookSeq: number, lane: number): boolean {
    return this.#lanes.get(webhookSeq)?.has(lane) ?? false;
  }

  /** Returns the oldest unwritten delivery of a lane. */
  firstOf(webhookSeq: number, lane: number): UnwrittenDelivery | undefined {
    return this.#lanes.get(webhookSeq)?.get(lane)?.first;
  }

  /** Returns all deliveries in no order. */
  all(): Iterable<UnwrittenDelivery> {
    return this.#bySeq.values();
  }

  /** Returns all deliveries, oldest first. */
  inOrder(): UnwrittenDelivery[] {
    const all = [...this.#bySeq.values()];
    // The map has this order already, unless changes were undone.
    return all.sort((a, b) => a.seq - b.seq);
  }

  /** Adds the newest delivery of its lane. */
  add(delivery: UnwrittenDelivery): void {
    const before = this.#append(delivery);
    this.#undo.push(before ? () => this.#removeLast(delivery, before) : delivery);
  }

  /** Changes the state of the first delivery of a lane. */
  makeReady(delivery: UnwrittenDelivery, state: 'claimed' | 'due', dueAt: number): void {
    const { state: stateBefore, dueAt: dueBefore } = delivery;
    this.#set(delivery, state, dueAt);
    this.#undo.push(() => this.#set(delivery, stateBefore, dueBefore));
  }

  /** Removes the first delivery of a lane, because it has a row now. */
  remove(delivery: UnwrittenDelivery): void {
    this.#removeFirst(delivery);
    this.#undo.push(delivery);
  }

  /** Begins a transaction. Changes of earlier ones can't be undone any more. */
  begin(): void {
    this.#undo.length = 0;
  }

  /** The present state, for `undoTo`. */
  get mark(): number {
    return this.#undo.length;
  }

  /** Undoes the changes since `mark` had this value. */
  undoTo(mark: number): void {
    while (this.#undo.length > mark) {
      const change = this.#undo.pop() as Undo;
      if (typeof change === 'function') change();
      else if (this.#bySeq.has(change.seq)) this.#removeLast(change, null);
      else this.#prepend(change);
    }
  }

  /** Returns the delivery that was the last one of the lane before. `null`: the lane was empty. */
  #append(delivery: UnwrittenDelivery): UnwrittenDelivery | null {
    this.#count(delivery, 1);
    const { webhookSeq, event } = delivery;
    const lanes = this.#lanes.getOrInsertComputed(webhookSeq, () => new Map());
    const lane = lanes.get(event.lane);
    if (!lane) {
      lanes.set(event.lane, { first: delivery, last: delivery });
      return null;
    }
    const before = lane.last;
    before.next = delivery;
    lane.last = delivery;
    return before;
  }

  #prepend(delivery: UnwrittenDelivery): void {
    this.#count(delivery, 1);
    const { webhookSeq, event, next } = delivery;
    const lanes = this.#lanes.getOrInsertComputed(webhookSeq, () => new Map());
    const lane = lanes.get(event.lane);
    delivery.next = lane?.first ?? next;
    if (lane) lane.first = delivery;
    else lanes.set(event.lane, { first: delivery, last: delivery });
  }

  #removeFirst(delivery: UnwrittenDelivery): void {
    const { webhookSeq, event, next } = delivery;
    const lanes = this.#lanes.get(webhookSeq);
    const lane = lanes?.get(event.lane);
    if (lane?.first !== delivery)
      throw new Error(`the delivery ${delivery.seq} is not the first of its lane`);
    this.#count(delivery, -1);
    if (next) lane.first = next;
    else this.#deleteLane(webhookSeq, event.lane);
  }

  /** @param before the delivery before it in its lane. `null`: it is the only one */
  #removeLast(delivery: UnwrittenDelivery, before: UnwrittenDelivery | null): void {
    const { webhookSeq, event } = delivery;
    this.#count(delivery, -1);
    const lane = this.#lanes.get(webhookSeq)?.get(event.lane);
    if (!lane || !before) {
      this.#deleteLane(webhookSeq, event.lane);
      return;
    }
    before.next = null;
    lane.last = before;
  }

  #deleteLane(webhookSeq: number, lane: number): void {
    const lanes = this.#lanes.get(webhookSeq);
    lanes?.delete(lane);
    if (lanes?.size === 0) this.#lanes.delete(webhookSeq);
  }

  #set(delivery: UnwrittenDelivery, state: UnwrittenState, dueAt: number): void {
    if (delivery.state === 'due') this.#dueCount -= 1;
    if (state === 'due') this.#dueCount += 1;
    delivery.state = state;
    delivery.dueAt = dueAt;
  }

  #count(delivery: UnwrittenDelivery, change: 1 | -1): void {
    if (change === 1) this.#bySeq.set(delivery.seq, delivery);
    else this.#bySeq.delete(delivery.seq);
    if (delivery.state === 'due') this.#dueCount += change;
  }
}
