import type { ReadyDelivery } from '../domain/delivery.ts';
import { ServiceError } from '../domain/errors.ts';
import { GroupCommit } from '../platform/group-commit/group-commit.ts';
import type { EventStore, Publication, PublicationOutcome } from '../storage/contracts/events.ts';

export interface PublisherOptions {
  readonly events: EventStore;
  readonly now: () => number;
  /** Returns the time of the steady clock. */
  readonly steadyNow: () => number;
  /** Awaited before each commit. Delays the commit while the process is overloaded. */
  readonly untilRoom: () => Promise<void>;
  /** Called with the deliveries that a commit made ready. These deliveries are already claimed. */
  readonly onReady: (deliveries: readonly ReadyDelivery[]) => void;
  /** Called when a commit has made more deliveries ready than `onReady` gets. They are due in the database. */
  readonly onMoreReady: () => void;
}

/** Maximum number of events in one commit. A commit of this size takes about 10 ms of the database's time. */
const MAX_EVENTS_PER_COMMIT = 500;
/**
 * Maximum number of events that wait for a commit. If more are waiting, the database is too slow, and
 * `publish` rejects.
 */
const MAX_WAITING_EVENTS = 20_000;

/**
 * Commits events, many in one transaction. Each event is committed together with its deliveries and with the
 * change of state that the event reports.
 */
export class Publisher {
  readonly #commits: GroupCommit<Publication, PublicationOutcome>;

  constructor({ events, now, steadyNow, untilRoom, onReady, onMoreReady }: PublisherOptions) {
    const commit = async (publications: readonly Publication[], sizes: readonly number[]) => {
      await untilRoom();
      const committed = await events.commit(publications, now(), steadyNow(), sizes);
      const { outcomes, ready, hasMoreReady } = committed;
      onReady(ready);
      if (hasMoreReady) onMoreReady();
      return outcomes;
    };
    // Events of one account keep their order, because they might be of one media.
    const keyOf = ({ event }: Publication) => event.userId;
    this.#commits = new GroupCommit(commit, { maxItems: MAX_EVENTS_PER_COMMIT, keyOf });
  }

  /**
   * Commits `publications` in one transaction, or in several if they have very many deliveries: see `EventStore.commit`.
   * Fulfils when all are durable. If `publish` rejects, none is durable, or the first ones if there were several
   * transactions.
   * @throws ServiceError `overloaded` or `storage_full`
   */
  publish(publications: readonly Publication[]): Promise<PublicationOutcome[]> {
    if (this.#commits.waiting > MAX_WAITING_EVENTS) {
      const message = 'more events arrive than can be stored; try again in a moment';
      return Promise.reject(new ServiceError('overloaded', message));
    }
    return this.#commits.add(publications);
  }

  /** Number of events that wait for a commit. */
  get waiting(): number {
    return this.#commits.waiting;
  }

  /** Fulfils when no event waits and no commit is in progress. */
  idle(): Promise<void> {
    return this.#commits.idle();
  }
}
