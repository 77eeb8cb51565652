import { ServiceError } from '../domain/errors.ts';
import type { AccountStore } from '../storage/contracts/accounts.ts';

/**
 * Part of the limit up to which essential changes are allowed in addition. An account that has reached its limit
 * can still change its password, for example.
 */
const ESSENTIAL_SHARE = 1 / 20;

export interface RecordQuotaOptions {
  readonly store: Pick<AccountStore, 'usage'>;
  /** Maximum number of bytes that the rows of one account may take in the database; `null`: no limit. */
  readonly most: number | null;
  /** Called for each change that is refused. */
  readonly onRefused: () => void;
}

/**
 * Limits what an account leaves in the database: its media, their events and deliveries, attempts, and audit records.
 * Each change that adds rows is admitted before it is made. Rows of changes that were admitted may follow later, such
 * as the events of a media that is being encoded.
 */
export class RecordQuota {
  readonly #options: RecordQuotaOptions;

  constructor(options: RecordQuotaOptions) {
    this.#options = options;
  }

  /**
   * Admits a change that adds rows for an account.
   * @param isEssential whether the change protects the account, so that it is allowed a little longer
   * @throws ServiceError `limit_reached` if the account has reached its limit
   */
  async admit(userId: string, isEssential: boolean): Promise<void> {
    const { store, most, onRefused } = this.#options;
    if (most === null) return;
    const bytes = await store.usage(userId);
    if (bytes < (isEssential ? most * (1 + ESSENTIAL_SHARE) : most)) return;
    onRefused();
    throw new ServiceError(
      'limit_reached',
      `the records of the account take ${bytes} bytes of the database, and may take ${most}: delete media that are not needed, or wait until old events and audit records are removed`,
    );
  }
}
