import { randomBytes } from 'node:crypto';
import type { ShownDelivery } from '../shown-delivery.ts';
import { type DeliveryChange, shownChange, type ToWall } from './changed-delivery.ts';

/** Milliseconds for which changes are gathered, so that a delivery that changes twice is sent once. */
const GATHER_MS = 200;
/** Maximum number of deliveries that are sent each time. The others are only counted. */
const MOST_GATHERED = 100;
/** Maximum number of changes that a feed keeps for listeners that come back. */
const MOST_KEPT = 1_000;
/** Maximum number of changes that all feeds together keep. Each takes at most some 2.5 KiB. */
export const MOST_KEPT_OF_ALL = 20_000;

/** Number of changes that all feeds keep. */
export interface KeptCount {
  count: number;
}

/** Entry for a listener: a delivery that has changed, or the number of changes that are left out. */
export type FeedEntry =
  | { readonly cursor: string; readonly delivery: ShownDelivery }
  | { readonly cursor: string; readonly skipped: number };

export type FeedListener = (entry: FeedEntry) => void;

interface Kept {
  readonly number: number;
  readonly entry: FeedEntry;
}

/** Changes of the deliveries of one account, for those who listen, and for a while after they have left. */
export class AccountFeed {
  readonly #userId: string;
  readonly #toWall: ToWall;
  readonly #keptOfAll: KeptCount;
  /** Tells this feed's cursors from those of another feed, such as one before a restart. */
  readonly #name = randomBytes(6).toString('base64url');
  readonly #listeners = new Set<FeedListener>();
  /** The last change of each delivery that has changed since the last flush. */
  readonly #gathered = new Map<string, DeliveryChange>();
  readonly #kept: Kept[] = [];
  #skipped = 0;
  #number = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(userId: string, toWall: ToWall, keptOfAll: KeptCount) {
    this.#userId = userId;
    this.#toWall = toWall;
    this.#keptOfAll = keptOfAll;
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  /** Cursor after the newest change. */
  get cursor(): string {
    return this.#cursorAt(this.#number);
  }

  add(listener: FeedListener): void {
    this.#listeners.add(listener);
  }

  delete(listener: FeedListener): void {
    this.#listeners.delete(listener);
  }

  note(change: DeliveryChange): void {
    const { id } = change.delivery;
    if (this.#gathered.size < MOST_GATHERED || this.#gathered.has(id)) this.#gathered.set(id, change);
    else this.#skipped += 1;
    this.#timer ??= setTimeout(() => this.#flush(), GATHER_MS).unref();
  }

  /** Returns the changes after a cursor; `null`: they are not kept any more. */
  after(cursor: string): readonly FeedEntry[] | null {
    const [name, digits] = cursor.split('.');
    const number = Number(digits);
    if (name !== this.#name || number > this.#number) return null;
    const oldest = this.#kept[0]?.number ?? this.#number + 1;
    if (number < oldest - 1) return null;
    return this.#kept.filter((one) => one.number > number).map(({ entry }) => entry);
  }

  close(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#listeners.clear();
    this.#keptOfAll.count -= this.#kept.length;
    this.#kept.length = 0;
  }

  #flush(): void {
    this.#timer = null;
    const changes = [...this.#gathered.values()];
    const skipped = this.#skipped;
    this.#gathered.clear();
    this.#skipped = 0;
    for (const change of changes) {
      const delivery = shownChange(change, this.#userId, this.#toWall);
      if (delivery) this.#send((cursor) => ({ cursor, delivery }));
    }
    if (skipped > 0) this.#send((cursor) => ({ cursor, skipped }));
  }

  #send(entryAt: (cursor: string) => FeedEntry): void {
    this.#number += 1;
    const entry = entryAt(this.cursor);
    this.#keep({ number: this.#number, entry });
    for (const listener of this.#listeners) listener(entry);
  }

  #keep(kept: Kept): void {
    this.#kept.push(kept);
    this.#keptOfAll.count += 1;
    if (this.#kept.length <= MOST_KEPT && this.#keptOfAll.count <= MOST_KEPT_OF_ALL) return;
    this.#kept.shift();
    this.#keptOfAll.count -= 1;
  }

  #cursorAt(number: number): string {
    return `${this.#name}.${number}`;
  }
}
