import type { Config } from '../config/config.ts';
import { Resends } from '../webhooks/resends.ts';
import { Webhooks } from '../webhooks/webhooks.ts';
import type { DeliveryParts } from './delivery.ts';
import type { SharedParts } from './shared-parts.ts';

/** Creates the use cases through which routes change something, each with only the parts that it needs. */
export function createUseCases(
  { maxWebhooks }: Config,
  { storage, now }: SharedParts,
  { dispatcher, egress, sender, bulkResendRunner: runner }: DeliveryParts,
) {
  const webhooks = new Webhooks({
    store: storage.webhooks,
    dispatcher,
    egress,
    sender,
    mostPerAccount: maxWebhooks,
    now,
  });
  const resends = new Resends({ storage, dispatcher, runner, now });
  return { webhooks, resends };
}
