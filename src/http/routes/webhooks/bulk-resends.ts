import { randomUUIDv7 } from 'node:crypto';
import { Type } from 'typebox';
import type { BulkResend } from '../../../domain/bulk-resend.ts';
import { invalidField, notFound, ServiceError } from '../../../domain/errors.ts';
import type { App } from '../../app.ts';
import { accountOf, actorOf } from '../../hooks/authentication.ts';
import type { Services } from '../../services.ts';
import { BulkResendBody, BulkResendInput, bulkResendBody } from '../../wire/bulk-resend.ts';
import { dataBody, IdParams, success, timeOf } from '../../wire/envelope.ts';

export function bulkResendRoutes(api: App, { storage, bulkResendRunner, now }: Services): void {
  api.post(
    '/webhooks/:id/recover',
    {
      config: { errors: { conflict: 'Ten recoveries of the webhook are running.' } },
      schema: {
        operationId: 'recoverDeliveries',
        tags: ['Deliveries'],
        summary: 'Send again everything of a webhook that failed between two times',
        description:
          'In order within each media, at a bounded rate, behind what is due by itself; it goes on after a restart. A repeat is answered with the recovery that runs, where that covers it.',
        params: IdParams,
        body: BulkResendInput,
        response: { 202: dataBody({ recovery: BulkResendBody }) },
      },
    },
    async (request, reply) => {
      const createdAt = now();
      const { since, until } = request.body;
      const range = rangeOf({ since, until }, createdAt);
      const wanted: BulkResend = {
        id: randomUUIDv7(),
        webhookId: request.params.id,
        userId: accountOf(request).id,
        ...range,
        state: 'running',
        queued: 0,
        createdAt,
        endedAt: null,
      };
      const recovery = await storage.bulkResends.create(wanted, actorOf(request));
      if (recovery === null) throw notFound('webhook');
      if (recovery === 'too many') {
        throw new ServiceError(
          'conflict',
          'too many recoveries of this webhook are running; wait for one to end',
        );
      }
      bulkResendRunner.add(recovery);
      return reply.code(202).send(success({ recovery: bulkResendBody(recovery) }));
    },
  );

  api.get(
    '/webhooks/:id/recoveries',
    {
      schema: {
        operationId: 'listRecoveries',
        tags: ['Deliveries'],
        summary: "A webhook's recoveries, newest first, up to a hundred",
        params: IdParams,
        response: { 200: dataBody({ recoveries: Type.Array(BulkResendBody) }) },
      },
    },
    async (request) => {
      const userId = accountOf(request).id;
      if (!(await storage.webhooks.find(userId, request.params.id))) throw notFound('webhook');
      const recoveries = await storage.bulkResends.list(userId, request.params.id);
      return success({ recoveries: recoveries.map(bulkResendBody) });
    },
  );
}

/** What has not happened yet can't have failed: `until` is now at the latest. */
function rangeOf(input: { since: string; until: string | undefined }, now: number) {
  const since = timeOf('since', input.since);
  const until = Math.min(now, input.until === undefined ? now : timeOf('until', input.until));
  if (since > until) throw invalidField('since', 'expected a time that is before until, and has passed');
  return { since, until };
}
