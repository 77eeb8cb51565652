import { type Static, Type } from 'typebox';
import { BULK_RESEND_STATES, type BulkResend } from '../../domain/bulk-resend.ts';
import { Nullable, Timestamp, timestamp, timestampOrNull, Uuid } from './envelope.ts';
import { EXAMPLE_IDS, EXAMPLE_TIMES } from './example-values.ts';

export const BulkResendInput = Type.Object(
  {
    since: Type.String({
      format: 'date-time',
      description: 'Deliveries that were exhausted at this time or later are sent again.',
    }),
    until: Type.Optional(
      Type.String({
        format: 'date-time',
        description:
          'Deliveries that were exhausted after this time are left out. Default, and maximum: now.',
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
    queued: Type.Integer({ minimum: 0, description: 'Number of deliveries that have been queued so far.' }),
    created_at: Timestamp,
    ended_at: Nullable(Timestamp),
  },
  {
    examples: [
      {
        id: EXAMPLE_IDS.bulkResend,
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

export function bulkResendBody(bulkResend: BulkResend): Static<typeof BulkResendBody> {
  return {
    id: bulkResend.id,
    webhook_id: bulkResend.webhookId,
    since: timestamp(bulkResend.since),
    until: timestamp(bulkResend.until),
    state: bulkResend.state,
    queued: bulkResend.queued,
    created_at: timestamp(bulkResend.createdAt),
    ended_at: timestampOrNull(bulkResend.endedAt),
  };
}
