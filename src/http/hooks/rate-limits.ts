import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Rate } from '../../config/parsers/rate.ts';
import { ServiceError } from '../../domain/errors.ts';
import { clientOf } from './client-address.ts';
import { RateMeter } from './rate-meter.ts';

export type RateLimitName = 'account' | 'address' | 'unauthorized';

/** Rate limits of requests; `null`: the limit is off. */
export interface Rates {
  readonly account: Rate | null;
  readonly address: Rate | null;
  readonly unauthorized: Rate | null;
}

export interface RateLimitsOptions {
  readonly rates: Rates;
  readonly onRefused: (limit: RateLimitName) => void;
  /**
   * Returns the milliseconds of a monotonic clock. If the clock could be set back, clients would be refused
   * until the clock reached its old value again.
   */
  readonly now: () => number;
}

declare module 'fastify' {
  interface FastifyRequest {
    /**
     * Whether the request counts as a wrong guess of a credential. `RateLimits.guess` sets this to true, and
     * `RateLimits.confirm` sets it to false.
     */
    isGuess: boolean;
  }
}

/**
 * Limits the number of requests of each account and each address, and the number of failed authentications of
 * each address.
 */
export class RateLimits {
  readonly #limits: Record<RateLimitName, Limit | null>;
  readonly #onRefused: (limit: RateLimitName) => void;
  readonly #now: () => number;

  constructor({ rates, onRefused, now }: RateLimitsOptions) {
    this.#limits = {
      account: rates.account && new Limit('account', rates.account),
      address: rates.address && new Limit('address', rates.address),
      unauthorized: rates.unauthorized && new Limit('unauthorized', rates.unauthorized),
    };
    this.#onRefused = onRefused;
    this.#now = now;
  }

  /**
   * Counts a request for its address. @throws ServiceError `rate_limited` if the address has used up its
   * limit
   */
  admitAddress(request: FastifyRequest, reply: FastifyReply): void {
    const { address } = this.#limits;
    if (address) this.#admit(address, clientOf(request.ip), reply);
  }

  /**
   * Counts a request for its account. @throws ServiceError `rate_limited` if the account has used up its
   * limit
   */
  admitAccount(accountId: string, reply: FastifyReply): void {
    const { account } = this.#limits;
    if (account) this.#admit(account, accountId, reply);
  }

  /**
   * Counts the credential of a request as a wrong guess until `confirm` is called. Must be called before the
   * credential is checked, so that concurrent guesses can't exceed the limit.
   * @throws ServiceError `rate_limited` if the address has used up its limit
   */
  guess(request: FastifyRequest): void {
    const { unauthorized } = this.#limits;
    if (!unauthorized || request.isGuess) return;
    const client = clientOf(request.ip);
    if (!unauthorized.meter.consume(client, this.#now())) throw this.#refusal(unauthorized, client);
    request.isGuess = true;
  }

  /** Undoes `guess` after the credential was found to be valid. */
  confirm(request: FastifyRequest): void {
    if (!request.isGuess) return;
    this.#limits.unauthorized?.meter.refund(clientOf(request.ip));
    request.isGuess = false;
  }

  /** Counts a request that is answered 401 as a wrong guess, unless `guess` has counted it already. */
  fail(request: FastifyRequest): void {
    if (!request.isGuess) this.#limits.unauthorized?.meter.consume(clientOf(request.ip), this.#now());
  }

  #admit(limit: Limit, key: string, reply: FastifyReply): void {
    const now = this.#now();
    const isAdmitted = limit.meter.consume(key, now);
    reply.header('ratelimit-policy', limit.policy);
    reply.header('ratelimit', limit.state(key, now));
    if (!isAdmitted) throw this.#refusal(limit, key);
  }

  #refusal(limit: Limit, key: string): ServiceError {
    this.#onRefused(limit.name);
    const retryAfterS = Math.max(1, limit.meter.untilNextS(key, this.#now()));
    return new ServiceError('rate_limited', `${limit.reason}; retry in ${retryAfterS} s`, {
      retryAfterS,
    });
  }
}

const COUNTED = {
  account: 'requests of this account',
  address: 'requests from this address',
  unauthorized: 'requests with invalid credentials from this address',
} as const satisfies Record<RateLimitName, string>;

/**
 * A rate limit, with the texts of its response headers (draft-ietf-httpapi-ratelimit-headers-10) and of the
 * error that it causes.
 */
class Limit {
  readonly name: RateLimitName;
  readonly meter: RateMeter;
  readonly policy: string;
  readonly reason: string;

  constructor(name: RateLimitName, rate: Rate) {
    this.name = name;
    this.meter = new RateMeter(rate);
    this.policy = `"${name}";q=${rate.burst};w=${Math.ceil(rate.burst / rate.perSecond)}`;
    this.reason = `too many ${COUNTED[name]}: the limit is ${rate.perSecond} per second and ${rate.burst} at once`;
  }

  state(key: string, now: number): string {
    return `"${this.name}";r=${this.meter.left(key, now)};t=${this.meter.untilFullS(key, now)}`;
  }
}
