import type { FastifyRequest } from 'fastify';
import { type Static, Type } from 'typebox';
import { invalidField, ServiceError } from '../../../domain/errors.ts';
import type { AuditListRequest } from '../../../storage/contracts/audit.ts';
import type { App } from '../../app.ts';
import { accountOf } from '../../hooks/authentication.ts';
import type { Services } from '../../services.ts';
import { AUDIT_ACTION_NAMES, AuditRecordBody, auditRecordBody } from '../../wire/audit.ts';
import { Count, dataBody, PageQuery, success, timeOf } from '../../wire/envelope.ts';

const { offset, limit } = PageQuery;

const AuditQuery = Type.Object({
  order_by: Type.Optional(Type.Enum(['asc', 'desc'], { description: 'By time; desc where it is left out.' })),
  offset,
  limit,
  action: Type.Optional(Type.Enum(AUDIT_ACTION_NAMES, { description: 'Only what was done so.' })),
  target_id: Type.Optional(
    Type.String({ minLength: 1, maxLength: 255, description: 'The id of what was changed.' }),
  ),
  actor_id: Type.Optional(Type.String({ format: 'uuid', description: 'The account that acted.' })),
  since: Type.Optional(Type.String({ format: 'date-time', description: 'At this time or later.' })),
  until: Type.Optional(Type.String({ format: 'date-time', description: 'Before this time.' })),
  scope: Type.Optional(
    Type.Enum(['account', 'service', 'all'], {
      description:
        '`account` where it is left out. Operators may ask for `service`, what concerns the whole of it, or for `all`.',
    }),
  ),
  user_id: Type.Optional(
    Type.String({ format: 'uuid', description: "For operators: another account's than their own." }),
  ),
});

type AuditFilter = Static<typeof AuditQuery>;

/** Who did what: for the account that it concerns, and for operators. */
export function auditRoutes(api: App, { storage }: Services): void {
  api.get(
    '/audit',
    {
      config: {
        errors: {
          forbidden:
            "The API key may only upload; or what is asked for is not the account's own, and it is no operator.",
        },
      },
      schema: {
        operationId: 'listAuditRecords',
        tags: ['Audit'],
        summary: 'The audit log of an account: who changed what, when, by which credential, from where',
        querystring: AuditQuery,
        response: {
          200: dataBody({ audit_records: Type.Array(AuditRecordBody), total: Count }),
        },
      },
    },
    async (request) => {
      const { query } = request;
      const { items, total } = await storage.audit.list({
        of: whoseOf(request, query),
        action: query.action ?? null,
        targetId: query.target_id?.toLowerCase() ?? null,
        actorId: query.actor_id?.toLowerCase() ?? null,
        since: query.since === undefined ? null : timeOf('since', query.since),
        until: query.until === undefined ? null : timeOf('until', query.until),
        orderBy: query.order_by ?? 'desc',
        offset: query.offset ?? 0,
        limit: query.limit ?? 25,
      });
      return success({ audit_records: items.map(auditRecordBody), total });
    },
  );
}

/** @throws ApiError `forbidden` where it is not the account's own, and no operator asks */
function whoseOf(
  request: FastifyRequest,
  { scope = 'account', user_id }: AuditFilter,
): AuditListRequest['of'] {
  const { id, isOperator } = accountOf(request);
  if (scope !== 'account' && user_id !== undefined)
    throw invalidField('user_id', `expected none with the scope ${scope}`);
  const accountId = user_id?.toLowerCase() ?? id;
  const isOwn = scope === 'account' && accountId === id;
  if (!isOwn && !isOperator)
    throw new ServiceError('forbidden', "only an operator may read what is not the account's own");
  if (scope === 'all') return 'all';
  return { accountId: scope === 'service' ? null : accountId };
}
