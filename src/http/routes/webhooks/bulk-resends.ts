import { Type } from 'typebox';
import type { App } from '../../app.ts';
import { accountOf, actorOf } from '../../hooks/authentication.ts';
import type { Services } from '../../services.ts';
import { BulkResendBody, BulkResendInput, bulkResendBody } from '../../wire/bulk-resend.ts';
import { dataBody, IdParams, success, timeOf } from '../../wire/envelope.ts';

/** Registers the routes of bulk resends, which the API calls recoveries. */
export function bulkResendRoutes(api: App, { deliveries }: Pick<Services, 'deliveries'>): void {
  api.post(
    '/webhooks/:id/recover',
    {
      config: { errors: { conflict: 'Ten recoveries of the webhook are running.' } },
      schema: {
        operationId: 'recoverDeliveries',
        tags: ['Deliveries'],
        summary: 'Send again every delivery of a webhook that failed between two times',
        description:
          'Deliveries are sent in order within each media, at a bounded rate, after the deliveries that are due anyway. A recovery continues after a restart. If a recovery that covers these times is already running, the answer is that recovery.',
        params: IdParams,
        body: BulkResendInput,
        response: { 202: dataBody({ recovery: BulkResendBody }) },
      },
    },
    async (request, reply) => {
      const { since, until } = request.body;
      const range = {
        since: timeOf('since', since),
        until: until === undefined ? undefined : timeOf('until', until),
      };
      const { id: userId } = accountOf(request);
      const recovery = await deliveries.resendFailed(userId, request.params.id, range, actorOf(request));
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
      const recoveries = await deliveries.listBulkResends(accountOf(request).id, request.params.id);
      return success({ recoveries: recoveries.map(bulkResendBody) });
    },
  );
}
