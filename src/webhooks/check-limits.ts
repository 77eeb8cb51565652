import { ServiceError } from '../domain/errors.ts';
import { KeyedLimit } from '../platform/keyed-limit.ts';

export interface CheckLimitsOptions {
  /**
   * Counts a request to `url` against the limits of requests in flight that deliveries have, until the returned
   * function is called. Returns `null` if one of these limits is reached.
   */
  readonly reserveRequest: (url: string) => (() => void) | null;
  /** Called for each refused check. */
  readonly onRefused: () => void;
}

/**
 * Maximum number of checks of one account at a time. As many as the requests that the service sends to one
 * webhook at a time by default.
 */
const CHECKS_PER_ACCOUNT = 10;
/**
 * Maximum number of checks at a time, so that checks leave most of the requests in flight to deliveries.
 */
const CHECKS_IN_TOTAL = 100;
/** Maximum number of host names that are looked up at a time for one account, because it saves URLs. */
const LOOKUPS_PER_ACCOUNT = 10;
const LOOKUPS_IN_TOTAL = 200;
/** Seconds after which a refused caller should try again. A check takes some milliseconds in most cases. */
const RETRY_AFTER_S = 1;

/** Limits of the requests and look-ups that accounts cause at once by calling the API. */
export class CheckLimits {
  readonly #options: CheckLimitsOptions;
  readonly #checks = new KeyedLimit({ perKey: CHECKS_PER_ACCOUNT, total: CHECKS_IN_TOTAL });
  readonly #lookups = new KeyedLimit({ perKey: LOOKUPS_PER_ACCOUNT, total: LOOKUPS_IN_TOTAL });

  constructor(options: CheckLimitsOptions) {
    this.#options = options;
  }

  /**
   * Runs `check`, which sends a request to `url` for an account.
   * @throws ServiceError `rate_limited` if too many checks of this account run; `overloaded` if too many checks
   * run in total, or too many requests to the receiver are in flight
   */
  async check<T>(accountId: string, url: string, check: () => Promise<T>): Promise<T> {
    this.#admit(this.#checks, accountId, 'webhooks');
    const release = this.#options.reserveRequest(url);
    if (release === null) {
      this.#options.onRefused();
      throw tooMany('overloaded', 'too many requests to this receiver are in flight');
    }
    return this.#checks.run(accountId, check).finally(release);
  }

  /**
   * Runs `lookUp`, which looks up the host name of a URL that an account saves.
   * @throws ServiceError `rate_limited` or `overloaded`
   */
  async lookUp<T>(accountId: string, lookUp: () => Promise<T>): Promise<T> {
    this.#admit(this.#lookups, accountId, 'URLs');
    return this.#lookups.run(accountId, lookUp);
  }

  #admit(limit: KeyedLimit, accountId: string, what: string): void {
    const reached = limit.reached(accountId);
    if (reached === null) return;
    this.#options.onRefused();
    if (reached === 'key')
      throw tooMany('rate_limited', `too many ${what} of this account are being checked`);
    throw tooMany('overloaded', `too many ${what} are being checked`);
  }
}

function tooMany(code: 'rate_limited' | 'overloaded', message: string): ServiceError {
  return new ServiceError(code, `${message}; retry in ${RETRY_AFTER_S} s`, { retryAfterS: RETRY_AFTER_S });
}
