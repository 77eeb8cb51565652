import type { FastifyRequest } from 'fastify';
import { ServiceError } from '../../domain/errors.ts';
import type { App } from '../app.ts';

/**
 * Maximum number of lists of one account that are being made or sent. Each needs some hundred KiB of memory,
 * and takes turns with all others for the time of the database.
 */
export const MOST_LISTS = 20;
/** Maximum number of lists of one account that wait until one of `MOST_LISTS` has been sent. */
export const MOST_WAITING_LISTS = 500;
/** Seconds after which a client should repeat a request that was refused. */
const RETRY_AFTER_S = 1;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whether the route answers with a list of an account's objects, whose number has no limit. */
    isList?: boolean;
  }
  interface FastifyRequest {
    /** Ends the count of a list, once its answer has been made and its connection or its answer has ended. */
    endList: ((end: 'made' | 'closed') => void) | null;
  }
}

/**
 * Limits the number of lists of an account that are made and sent at the same time. Further ones wait for their
 * turn. A list counts until its answer is sent. If the client disconnects, the list counts until it is made,
 * because the database works on it until then.
 * @param onRefused called for each list that is refused because too many wait
 */
export function limitLists(app: App, onRefused: () => void): void {
  const turns = new ListTurns();
  app.decorateRequest('endList', null);
  app.addHook('preHandler', (request: FastifyRequest, reply, done) => {
    const account = request.identity?.account.id;
    // Does not count the list if the client has already disconnected, because no `close` event would follow.
    if (!request.routeOptions.config.isList || account === undefined || reply.raw.destroyed) return done();
    const awaited = new Set(['made', 'closed']);
    const begin = () => {
      request.endList = (end) => {
        if (awaited.delete(end) && awaited.size === 0) turns.end(account);
      };
      done();
    };
    if (!turns.begin(account, begin)) {
      onRefused();
      return done(tooManyLists());
    }
    reply.raw.once('close', () => {
      // Ends the wait of a list that has not begun. Nobody receives the error.
      if (turns.cancel(account, begin)) done(tooManyLists());
      else request.endList?.('closed');
    });
  });
  app.addHook('onSend', (request, _reply, payload, done) => {
    request.endList?.('made');
    done(null, payload);
  });
}

/** Lists of each account: how many have begun, and which wait for their turn. */
class ListTurns {
  readonly #begun = new Map<string, number>();
  readonly #waiting = new Map<string, Set<() => void>>();

  /**
   * Calls `begin` at once, or when a list of the account ends.
   * @returns false if too many lists of the account wait already; `begin` is then never called
   */
  begin(account: string, begin: () => void): boolean {
    const begun = this.#begun.get(account) ?? 0;
    if (begun < MOST_LISTS) {
      this.#begun.set(account, begun + 1);
      begin();
      return true;
    }
    const waiting = this.#waiting.getOrInsertComputed(account, () => new Set());
    if (waiting.size >= MOST_WAITING_LISTS) return false;
    waiting.add(begin);
    return true;
  }

  /** Returns whether the list was waiting. It then never begins. */
  cancel(account: string, begin: () => void): boolean {
    const wasWaiting = this.#waiting.get(account)?.delete(begin) ?? false;
    this.#forgetEmpty(account);
    return wasWaiting;
  }

  /** Must be called when a list has ended. The list that has waited longest takes its place. */
  end(account: string): void {
    const [next] = this.#waiting.get(account) ?? [];
    if (next) {
      this.cancel(account, next);
      next();
      return;
    }
    const begun = (this.#begun.get(account) ?? 0) - 1;
    if (begun > 0) this.#begun.set(account, begun);
    else this.#begun.delete(account);
  }

  #forgetEmpty(account: string): void {
    if (this.#waiting.get(account)?.size === 0) this.#waiting.delete(account);
  }
}

function tooManyLists(): ServiceError {
  return new ServiceError(
    'rate_limited',
    `too many lists of this account at the same time: ${MOST_LISTS} are made at once, and ${MOST_WAITING_LISTS} may wait; retry in ${RETRY_AFTER_S} s`,
    { retryAfterS: RETRY_AFTER_S },
  );
}
