import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Rate } from '../../config/parsers/rate.ts';
import { ServiceError } from '../../domain/errors.ts';
import { clientOf } from './client-address.ts';
import { RateMeter } from './rate-meter.ts';

export type RateLimitName = 'account' | 'address' | 'unauthorized';

/** Each null for no limit. */
export interface Rates {
  readonly account: Rate | null;
  readonly address: Rate | null;
  readonly unauthorized: Rate | null;
}

export interface RateLimitsOptions {
  readonly rates: Rates;
  readonly onRefused: (limit: RateLimitName) => void;
  /** Milliseconds of a clock that never goes back: one that did would shut clients out for as long. */
  readonly now: () => number;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Whether a token for failed authentications was taken for it. */
    isGuess: boolean;
  }
}

/** What requests an account, and an address, may make; and how often an address may fail to authenticate. */
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

  /** @throws ApiError `rate_limited` */
  admitAddress(request: FastifyRequest, reply: FastifyReply): void {
    const { address } = this.#limits;
    if (address) this.#admit(address, clientOf(request.ip), reply);
  }

  /** @throws ApiError `rate_limited` */
  admitAccount(accountId: string, reply: FastifyReply): void {
    const { account } = this.#limits;
    if (account) this.#admit(account, accountId, reply);
  }

  /**
   * To be called before a credential is looked at that may be a guess: it counts as failed until `confirm` is called.
   * Counted first, many at the same time are no more than the limit.
   * @throws ApiError `rate_limited`
   */
  guess(request: FastifyRequest): void {
    const { unauthorized } = this.#limits;
    if (!unauthorized || request.isGuess) return;
    const client = clientOf(request.ip);
    if (!unauthorized.meter.take(client, this.#now())) throw this.#refusal(unauthorized, client);
    request.isGuess = true;
  }

  /** The credential was good: it was no guess. */
  confirm(request: FastifyRequest): void {
    if (!request.isGuess) return;
    this.#limits.unauthorized?.meter.giveBack(clientOf(request.ip));
    request.isGuess = false;
  }

  /** Counts a request that is answered 401 and was not counted as a guess. */
  fail(request: FastifyRequest): void {
    if (!request.isGuess) this.#limits.unauthorized?.meter.take(clientOf(request.ip), this.#now());
  }

  #admit(limit: Limit, key: string, reply: FastifyReply): void {
    const now = this.#now();
    const isAdmitted = limit.meter.take(key, now);
    reply.header('ratelimit-policy', limit.policy);
    reply.header('ratelimit', limit.state(key, now));
    if (!isAdmitted) throw this.#refusal(limit, key);
  }

  #refusal(limit: Limit, key: string): ServiceError {
    this.#onRefused(limit.name);
    const retryAfterS = Math.max(1, Math.ceil(limit.meter.untilNextMs(key, this.#now()) / 1_000));
    return new ServiceError('rate_limited', `${limit.reason}; come again in ${retryAfterS} s`, {
      retryAfterS,
    });
  }
}

const WHAT = {
  account: 'requests of this account',
  address: 'requests from this address',
  unauthorized: 'requests with bad credentials from this address',
} as const satisfies Record<RateLimitName, string>;

/** One limit, and what is said of it: the fields of draft-ietf-httpapi-ratelimit-headers-10. */
class Limit {
  readonly name: RateLimitName;
  readonly meter: RateMeter;
  readonly policy: string;
  readonly reason: string;

  constructor(name: RateLimitName, rate: Rate) {
    this.name = name;
    this.meter = new RateMeter(rate);
    this.policy = `"${name}";q=${rate.burst};w=${Math.ceil(rate.burst / rate.perSecond)}`;
    this.reason = `too many ${WHAT[name]}: ${rate.perSecond} a second are taken, and ${rate.burst} at once`;
  }

  state(key: string, now: number): string {
    const untilFullS = Math.ceil(this.meter.untilFullMs(key, now) / 1_000);
    return `"${this.name}";r=${this.meter.left(key, now)};t=${untilFullS}`;
  }
}
