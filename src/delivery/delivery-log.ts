import type { ReadyDelivery, Settlement } from '../domain/delivery.ts';
import type { Logger } from '../logging/logger.ts';

/**
 * Logs that a delivery is exhausted: its last attempt failed, and no retry is left. Successful attempts,
 * and attempts that will be retried, are not logged.
 */
export function logExhausted(logger: Logger, delivery: ReadyDelivery, { attempt }: Settlement): void {
  const { number: attempts, status, error: reason } = attempt;
  logger.info({ ...fieldsOf(delivery), attempts, status, reason }, 'a delivery was exhausted');
}

/** Logs that the attempt of a delivery could not be made or recorded, because of a defect or a stop. */
export function logUnsettled(logger: Logger, delivery: ReadyDelivery, error: unknown): void {
  logger.error({ err: error, ...fieldsOf(delivery) }, 'a delivery could not be settled');
}

/** Returns the fields that identify a delivery in the log. */
function fieldsOf({ id, webhook, event }: ReadyDelivery) {
  return { delivery: id, webhook: webhook.id, event: event.id, media: event.mediaId };
}
