import type { Cursor } from '../storage/contracts/page.ts';
import type { FailingWebhooks, Queue } from '../storage/contracts/queue.ts';
import type { DeliveryBuffer } from './scheduling/delivery-buffer.ts';

/**
 * Learns which webhooks failed when the last process ended. Otherwise thousands of receivers that hang would be
 * new again, and other webhooks would wait until each of these was tried.
 */
export async function learnFailing(
  queue: Pick<Queue, 'failingWebhooks'>,
  buffer: Pick<DeliveryBuffer, 'noteFailing'>,
): Promise<void> {
  let after: Cursor | null = null;
  do {
    const failing: FailingWebhooks = await queue.failingWebhooks(after);
    buffer.noteFailing(failing.ids);
    after = failing.after;
  } while (after !== null);
}
