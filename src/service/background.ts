import type { Config } from '../config/config.ts';
import type { Publisher } from '../events/publisher.ts';
import { Retention } from '../events/retention.ts';
import { Pipeline } from '../media/encoding/pipeline.ts';
import type { SharedParts } from './open-data.ts';

/** What takes uploads to their ends. */
export function createPipeline(
  { dataDir, encoders, mediaLimits: limits, ffmpeg, ffprobe }: Config,
  { storage, logger, now }: SharedParts,
  publisher: Publisher,
): Pipeline {
  const programs = { ffmpegPath: ffmpeg, ffprobePath: ffprobe };
  return new Pipeline({
    store: storage.media,
    publisher,
    dataDir,
    encoders,
    limits,
    ...programs,
    logger,
    now,
  });
}

/** Null where everything is kept for ever. */
export function createRetention(
  { retentionMs: keepMs, auditRetentionMs: keepAuditMs }: Config,
  { storage, metrics, logger, now }: SharedParts,
): Retention | null {
  if (keepMs === null && keepAuditMs === null) return null;
  const { events, deliveries, webhooks, audit_records } = metrics.retentionRemoved;
  return new Retention({
    store: storage.retention,
    logger,
    now,
    keepMs,
    keepAuditMs,
    onRemoved: (removed) => {
      events.inc(removed.events);
      deliveries.inc(removed.deliveries);
      webhooks.inc(removed.webhooks);
      audit_records.inc(removed.auditRecords);
    },
  });
}
