import type { FastifyRequest } from 'fastify';
import { ServiceError } from '../../domain/errors.ts';
import type { App } from '../app.ts';

/**
 * Maximum number of lists of one account that are being made or sent. Each needs some hundred KiB of memory,
 * and takes turns with all others for the time of the database.
 */
export const MOST_LISTS = 20;
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
 * Limits the number of lists that an account can ask for at the same time. A list counts until its answer is
 * sent. If the client disconnects, the list counts until it is made, because the database works on it until
 * then.
 * @param onRefused called for each list that is refused
 */
export function limitLists(app: App, onRefused: () => void): void {
  const inProgress = new Map<string, number>();
  const count = (account: string, change: 1 | -1) => {
    const lists = (inProgress.get(account) ?? 0) + change;
    if (lists === 0) inProgress.delete(account);
    else inProgress.set(account, lists);
  };
  app.decorateRequest('endList', null);
  app.addHook('preHandler', (request: FastifyRequest, reply, done) => {
    const account = request.identity?.account.id;
    // Does not count the list if the client has already disconnected, because no `close` event would follow.
    if (!request.routeOptions.config.isList || account === undefined || reply.raw.destroyed) return done();
    if ((inProgress.get(account) ?? 0) >= MOST_LISTS) {
      onRefused();
      return done(
        new ServiceError(
          'rate_limited',
          `too many lists of this account at the same time: the limit is ${MOST_LISTS}; retry in ${RETRY_AFTER_S} s`,
          { retryAfterS: RETRY_AFTER_S },
        ),
      );
    }
    count(account, 1);
    const awaited = new Set(['made', 'closed']);
    request.endList = (end) => {
      if (awaited.delete(end) && awaited.size === 0) count(account, -1);
    };
    reply.raw.once('close', () => request.endList?.('closed'));
    done();
  });
  app.addHook('onSend', (request, _reply, payload, done) => {
    request.endList?.('made');
    done(null, payload);
  });
}
