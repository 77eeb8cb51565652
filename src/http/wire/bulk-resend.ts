import { type Static, Type } from 'typebox';
import { BULK_RESEND_STATES, type BulkResend } from '../../domain/bulk-resend.ts';
import { Nullable, Timestamp, timestamp, timestampOrNull, Uuid } from './envelope.ts';
import { EXAMPLE_IDS, EXAMPLE_TIMES } from './example-values.ts';

export const BulkResendInput = Type.Object(
  {
    since: Type.String({ format: 'date-time', description: 'What failed for good at this time or later.' }),
    until: Type.Optional(
      Type.String({
        format: 'date-time',
        description: 'And not later than this; now, where it is left out or in the future.',
      }),
    ),
  },
  { examples: [{ since: EXAMPLE_TIMES.created, until: EXAMPLE_TIMES.delivered }] },
);

export const BulkResendBody = Type.Object(
  {
    id: Uuid,
    webhook_id: Uuid,
    since: Timestamp,
    until: Timestamp,
    state: Type.Enum(BULK_RESEND_STATES),
    queued: Type.Integer({ minimum: 0, description: 'Deliveries queued so far.' }),
    created_at: Timestamp,
    ended_at: Nullable(Timestamp),
  },
  {
    examples: [
      {
        id: EXAMPLE_IDS.recovery,
        webhook_id: EXAMPLE_IDS.webhook,
        since: EXAMPLE_TIMES.created,
        until: EXAMPLE_TIMES.delivered,
        state: 'running',
        queued: 0,
        created_at: EXAMPLE_TIMES.later,
        ended_at: null,
      },
    ],
  },
);

export function bulkResendBody(recovery: BulkResend): Static<typeof BulkResendBody> {
  return {
    id: recovery.id,
    webhook_id: recovery.webhookId,
    since: timestamp(recovery.since),
    until: timestamp(recovery.until),
    state: recovery.state,
    queued: recovery.queued,
    created_at: timestamp(recovery.createdAt),
    ended_at: timestampOrNull(recovery.endedAt),
  };
}
