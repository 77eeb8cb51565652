import { GroupCommit } from '../../platform/group-commit.ts';
import { retryUntilCommitted } from '../../platform/retry.ts';

export interface RetriedCommitsOptions<Item, Result> {
  /** Commits all items in one transaction. */
  readonly commit: (items: readonly Item[]) => Promise<Result>;
  /** Maximum number of items of one commit. */
  readonly maxItems: number;
  /** Called after a commit has succeeded, before those that added its items learn of it. */
  readonly onCommitted?: (result: Result) => void;
  /** Called after each try that failed. */
  readonly onFailure: (error: unknown, itemCount: number) => void;
}

/** Group commits that are retried until they succeed. */
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

  /** Fulfils when the items are durable. Rejects only if the last try, at a stop, has failed. */
  add(items: readonly Item[]): Promise<unknown> {
    return this.#commits.add(items);
  }

  /** Waits for the commits in progress, each of which has one last try from now on. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#commits.idle();
  }
}
