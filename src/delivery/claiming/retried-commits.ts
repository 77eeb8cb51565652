import { GroupCommit } from '../../platform/group-commit.ts';
import { retryUntilCommitted } from '../../platform/retry.ts';

export interface RetriedCommitsOptions<Item, Result> {
  /** Commits all items in one transaction. */
  readonly commit: (items: readonly Item[]) => Promise<Result>;
  /** Maximum number of items of one commit. */
  readonly maxItems: number;
  /** Called after a commit has succeeded, before the callers of `add` get their results. */
  readonly onCommitted?: (result: Result) => void;
  /** Called each time that a try to commit has failed. */
  readonly onFailure: (error: unknown, itemCount: number) => void;
}

/** Commits items in group commits. Retries each commit until it succeeds. */
export class RetriedCommits<Item, Result = void> {
  readonly #commits: GroupCommit<Item, null>;
  readonly #stop = new AbortController();

  constructor({ commit, maxItems, onCommitted, onFailure }: RetriedCommitsOptions<Item, Result>) {
    this.#commits = new GroupCommit(async (items) => {
      const result = await retryUntilCommitted(() => commit(items), {
        signal: this.#stop.signal,
        onFailure: (error) => onFailure(error, items.length),
      });
      onCommitted?.(result);
      return items.map(() => null);
    }, maxItems);
  }

  /**
   * Adds items to a commit. Fulfils when the items are durable. Rejects only if the service stops and the
   * last try to commit fails.
   */
  add(items: readonly Item[]): Promise<unknown> {
    return this.#commits.add(items);
  }

  /** Waits for the commits in progress. From now on, each commit is tried at most once more. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#commits.idle();
  }
}
