import { Publisher } from '../../../src/events/publisher.ts';
import type { PublicationOutcome } from '../../../src/storage/contracts/events.ts';
import { openSqliteStorage } from '../../../src/storage/sqlite/sqlite-storage.ts';
import { KEYS, publications, T0 } from '../../../src/storage/testing/records.ts';

/** Number of events of the request, and of webhooks. Their 12,000 deliveries take seven steps. */
export const EVENTS = 300;
export const WEBHOOKS = 40;

/**
 * Publishes a request of an account that has `WEBHOOKS` webhooks. Every tenth event is of the same media.
 * @param onStep called after each step
 */
export async function publishInSteps(
  file: string,
  userId: string,
  onStep: () => void,
): Promise<PublicationOutcome[]> {
  const storage = await openSqliteStorage({ file, keys: KEYS });
  await storage.queue.releaseStaleClaims(null);
  const publisher = new Publisher({
    events: storage.events,
    now: () => T0,
    steadyNow: () => T0,
    untilRoom: async () => undefined,
    onReady: onStep,
    onMoreReady: () => undefined,
  });
  const request = publications(EVENTS, { userId }).map(({ event, step }, n) => {
    const mediaId = n % 10 === 0 ? 'shared' : `${n}`;
    return { event: { ...event, mediaId, idempotencyKey: `event ${n}` }, step };
  });
  const outcomes = await publisher.publish(request);
  await storage.close();
  return outcomes;
}

// Runs as a program, too, which a test kills after one of the steps that it prints.
const [, program, file = '', userId = ''] = process.argv;
if (program === import.meta.filename)
  await publishInSteps(file, userId, () => void process.stdout.write('step\n'));
