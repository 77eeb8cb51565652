import type { Config } from '../config/config.ts';
import { Retention } from '../events/retention.ts';
import { MeasureFiles } from '../media/measure-files.ts';
import type { Stops } from '../platform/lifecycle.ts';
import { Cancellations } from '../webhooks/cancellations.ts';
import type { SharedParts } from './shared-parts.ts';

/**
 * Starts the removal of old events, deliveries and audit records, and of what is left of deleted webhooks.
 */
export async function startRetention(
  { retentionMs: keepMs, auditRetentionMs: keepAuditMs }: Config,
  { storage, metrics, logger, clock }: SharedParts,
  stops: Stops,
): Promise<void> {
  const { events, deliveries, webhooks, audit_records } = metrics.retentionRemoved;
  const retention = new Retention({
    store: storage.retention,
    logger,
    now: clock.settledNow,
    monotonicNow: clock.now,
    keepMs,
    keepAuditMs,
    onRemoved: (removed) => {
      events.inc(removed.events);
      deliveries.inc(removed.deliveries);
      metrics.deliveriesEnded.failed.inc(removed.expired);
      webhooks.inc(removed.webhooks);
      audit_records.inc(removed.auditRecords);
    },
  });
  await retention.start();
  stops.push(() => retention.stop());
}

/** Starts the cancellation of deliveries whose webhooks were deleted. */
export async function startCancellations(
  { storage, logger, clock }: SharedParts,
  stops: Stops,
): Promise<Cancellations> {
  const cancellations = new Cancellations({ store: storage.webhooks, logger, monotonicNow: clock.now });
  await cancellations.start();
  stops.push(() => cancellations.stop());
  return cancellations;
}

/** Starts the measuring of files, and the counting of rows, that older versions have not counted. */
export async function startMeasuring(
  { dataDir }: Config,
  { storage, logger, clock }: SharedParts,
  stops: Stops,
): Promise<void> {
  const measuring = new MeasureFiles({ store: storage.usage, dataDir, logger, monotonicNow: clock.now });
  await measuring.start();
  stops.push(() => measuring.stop());
}
