import { ServiceError } from '../../../domain/errors.ts';
import type { App } from '../../app.ts';
import { SharedMemory } from '../../hooks/bodies/shared-memory.ts';
import { clientOf } from '../../hooks/client-address.ts';

/**
 * Maximum number of files of media that are sent at the same time. Each holds a descriptor and up to 256 KiB, and a client
 * that reads slowly holds them for long. The service can send no more files than these at a useful speed.
 */
export const MOST_SENT_FILES = 1_024;

/**
 * Refuses a request for a file if too many are being sent. A client may have as many as it leaves free for others: one
 * alone at most half. A request without a credential counts for its address.
 * @param app instance whose routes send files
 * @param most maximum number of files
 * @param onRefused called for each request that is refused
 */
export function limitSentFiles(app: App, most: number, onRefused: () => void): void {
  const slots = new SharedMemory(most);
  app.addHook('preHandler', (request, reply, done) => {
    // Does not count the request if the client has already disconnected, because no `close` event would follow.
    if (request.method === 'OPTIONS' || reply.raw.destroyed) return done();
    const client = request.identity?.account.id ?? clientOf(request.ip);
    if (!slots.take(client, 1)) {
      onRefused();
      return done(new ServiceError('overloaded', 'too many files are being sent; retry in a moment'));
    }
    reply.raw.once('close', () => slots.give(client, 1));
    done();
  });
}
