import type { ReadyDelivery } from '../domain/delivery.ts';
import { ServiceError } from '../domain/errors.ts';
import { GroupCommit } from '../platform/group-commit.ts';
import type { EventStore, Publication, PublicationOutcome } from '../storage/contracts/events.ts';

export interface PublisherOptions {
  readonly events: EventStore;
  readonly now: () => number;
  /** Awaited before each commit: where intake is slowed down. */
  readonly untilRoom: () => Promise<void>;
  /** Told of the deliveries that a commit made ready. */
  readonly onReady: (deliveries: readonly ReadyDelivery[]) => void;
}

/** Events in one commit at the most: about 10 ms of the database's time. */
const MAX_BATCH = 500;
/** Events that may wait for a commit. Past it the database is too slow for what comes in, and callers are told so. */
const MAX_WAITING = 20_000;

/** Commits events, with the state changes that they tell of and the deliveries that they owe, in group commits. */
export class Publisher {
  readonly #commits: GroupCommit<Publication, PublicationOutcome>;

  constructor({ events, now, untilRoom, onReady }: PublisherOptions) {
    this.#commits = new GroupCommit(async (publications) => {
      await untilRoom();
      const { outcomes, ready } = await events.commit(publications, now());
      onReady(ready);
      return outcomes;
    }, MAX_BATCH);
  }

  /**
   * Fulfils when all of `publications` are durable, committed together.
   * Rejects with `ApiError`, `overloaded` or `storage_full`; then none of them is.
   */
  async publish(publications: readonly Publication[]): Promise<PublicationOutcome[]> {
    if (this.#commits.waiting > MAX_WAITING) {
      throw new ServiceError('overloaded', 'more events arrive than can be stored; try again in a moment');
    }
    return this.#commits.add(publications);
  }

  /** Events handed in that wait for the next commit. */
  get waiting(): number {
    return this.#commits.waiting;
  }

  /** Fulfils when nothing is under way. */
  idle(): Promise<void> {
    return this.#commits.idle();
  }
}
