import { ServiceError } from '../domain/errors.ts';
import type { UsageStore } from '../storage/contracts/usage.ts';
import { SMALL_FILES_BYTES } from './encoding/room/estimate.ts';

export interface EncodedQuotaOptions {
  readonly store: Pick<UsageStore, 'encoded'>;
  /** Maximum number of bytes that the encoded files and thumbnails of one account may take. `null`: no limit. */
  readonly most: number | null;
  /** Called for each request that is refused. */
  readonly onRefused: () => void;
}

/**
 * Refuses requests that lead to an encode while the account has no room for the encoded files of any media. How much an
 * encode takes is known only when the file was probed: its job then reserves the room (`MediaRoom`).
 */
export class EncodedQuota {
  readonly #options: EncodedQuotaOptions;

  constructor(options: EncodedQuotaOptions) {
    this.#options = options;
  }

  /** @throws ServiceError `limit_reached` if the account has no room for encoded files */
  async admit(userId: string): Promise<void> {
    const { store, most, onRefused } = this.#options;
    if (most === null) return;
    const bytes = await store.encoded(userId);
    if (bytes + SMALL_FILES_BYTES <= most) return;
    onRefused();
    throw new ServiceError(
      'limit_reached',
      `the encoded files of the account take ${bytes} bytes, and may take ${most}: at least ${SMALL_FILES_BYTES} more are needed; delete media that are not needed`,
    );
  }
}
