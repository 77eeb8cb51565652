import { type Static, Type } from 'typebox';
import { type DeliveryHour, HOUR_MS } from '../../../domain/delivery-hour.ts';
import { KEPT_HOURS } from '../../../webhooks/live/delivery-statistics.ts';
import type { App } from '../../app.ts';
import { accountOf } from '../../hooks/authentication.ts';
import type { Services } from '../../services.ts';
import {
  Count,
  dataBody,
  PageQuery,
  pageRequest,
  success,
  Timestamp,
  timestamp,
  Uuid,
} from '../../wire/envelope.ts';
import { EXAMPLE_IDS, EXAMPLE_TIMES } from '../../wire/example-values.ts';

const HourBody = Type.Object({
  at: Type.String({ format: 'date-time', description: 'Beginning of the hour.' }),
  attempts: Type.Integer({ minimum: 0, description: 'Number of requests that were made.' }),
  acknowledged: Type.Integer({ minimum: 0, description: 'Number of requests that were answered 2xx.' }),
  unanswered: Type.Integer({ minimum: 0, description: 'Number of requests that got no answer.' }),
  succeeded: Type.Integer({ minimum: 0, description: 'Number of deliveries that succeeded.' }),
  failed: Type.Integer({ minimum: 0, description: 'Number of deliveries that were given up.' }),
  mean_duration_ms: Count,
});

const HOUR_EXAMPLE = {
  at: EXAMPLE_TIMES.created,
  ...{ attempts: 120, acknowledged: 117, unanswered: 1, succeeded: 117, failed: 1, mean_duration_ms: 141 },
};

const STATISTICS_EXAMPLE = success({
  since: EXAMPLE_TIMES.created,
  hours: 24,
  total: [HOUR_EXAMPLE],
  webhooks: [{ webhook_id: EXAMPLE_IDS.webhook, hours: [HOUR_EXAMPLE] }],
});

/** Registers the route of the counters of attempts. */
export function statisticsRoutes(api: App, { statistics }: Pick<Services, 'statistics'>): void {
  api.get(
    '/webhooks/statistics',
    {
      config: { isList: true },
      schema: {
        operationId: 'getStatistics',
        tags: ['Deliveries'],
        answerExample: STATISTICS_EXAMPLE,
        summary: 'Attempts and deliveries by hour, of the account and of a page of its webhooks',
        description:
          'The page has the same webhooks as `GET /api/webhooks` with the same parameters. Hours without attempts are left out. `total` is about all webhooks of the account, removed ones included. Counters are kept for a week. They are stored every ten seconds, so that a crash loses those of the last seconds.',
        querystring: Type.Object({
          hours: Type.Optional(
            Type.Integer({
              minimum: 1,
              maximum: KEPT_HOURS,
              description: 'Number of hours, the present one included; 24 if left out.',
            }),
          ),
          ...PageQuery,
        }),
        response: {
          200: dataBody({
            since: Timestamp,
            hours: Type.Integer({ minimum: 1 }),
            total: Type.Array(HourBody),
            webhooks: Type.Array(Type.Object({ webhook_id: Uuid, hours: Type.Array(HourBody) })),
          }),
        },
      },
    },
    async (request) => {
      const { hours = 24, ...query } = request.query;
      const page = { ...pageRequest(query), events: {} };
      const found = await statistics.read(accountOf(request).id, { hours, page });
      return success({
        since: timestamp(found.from * HOUR_MS),
        hours,
        total: found.total.map(hourBody),
        webhooks: found.webhooks.map((one) => ({ webhook_id: one.id, hours: one.hours.map(hourBody) })),
      });
    },
  );
}

function hourBody({ hour, owner: _owner, durationMs, ...counters }: DeliveryHour): Static<typeof HourBody> {
  const mean_duration_ms = Math.round(durationMs / Math.max(1, counters.attempts));
  return { at: timestamp(hour * HOUR_MS), ...counters, mean_duration_ms };
}
