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
  order_by: Type.Optional(Type.Enum(['asc', 'desc'], { description: 'By time; desc if left out.' })),
  offset,
  limit,
  action: Type.Optional(Type.Enum(AUDIT_ACTION_NAMES, { description: 'Only records of this action.' })),
  target_id: Type.Optional(
    Type.String({ minLength: 1, maxLength: 255, description: 'Only changes of the thing with this id.' }),
  ),
  actor_id: Type.Optional(
    Type.String({ format: 'uuid', description: 'Only changes that this account made.' }),
  ),
  since: Type.Optional(
    Type.String({ format: 'date-time', description: 'Only records of this time or later.' }),
  ),
  until: Type.Optional(
    Type.String({ format: 'date-time', description: 'Only records from before this time.' }),
  ),
  scope: Type.Optional(
    Type.Enum(['account', 'service', 'all'], {
      description:
        '`account` if left out. Operators may also ask for `service`, the records that concern the whole service, or for `all`.',
    }),
  ),
  user_id: Type.Optional(
    Type.String({ format: 'uuid', description: 'Only for operators: the account whose records are listed.' }),
  ),
});

type AuditFilter = Static<typeof AuditQuery>;

/**
 * Registers the route of the audit log. An account can read the records that concern this account; operators
 * can read all records.
 */
export function auditRoutes(api: App, { auditLog }: Pick<Services, 'auditLog'>): void {
  api.get(
    '/audit',
    {
      config: {
        isList: true,
        errors: {
          forbidden:
            'The API key may only upload. Or the records concern another account, and the account is not an operator.',
        },
      },
      schema: {
        operationId: 'listAuditRecords',
        tags: ['Audit'],
        summary:
          'The audit log of an account: who changed what, when, with which credential, from which address',
        querystring: AuditQuery,
        response: {
          200: dataBody({ audit_records: Type.Array(AuditRecordBody), total: Count }),
        },
      },
    },
    async (request) => {
      const { query } = request;
      const { items, total } = await auditLog.list({
        of: ownerOf(request, query),
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

/**
 * Returns the account whose audit records a request asks for.
 * @throws ServiceError `forbidden` if the records are not those of the caller, and the caller
 * is not an operator
 */
function ownerOf(
  request: FastifyRequest,
  { scope = 'account', user_id }: AuditFilter,
): AuditListRequest['of'] {
  const { id, isOperator } = accountOf(request);
  if (scope !== 'account' && user_id !== undefined)
    throw invalidField('user_id', `can't be combined with the scope ${scope}`);
  const accountId = user_id?.toLowerCase() ?? id;
  const isOwn = scope === 'account' && accountId === id;
  if (!isOwn && !isOperator)
    throw new ServiceError('forbidden', 'only an operator may read the records of other accounts');
  if (scope === 'all') return 'all';
  return { accountId: scope === 'service' ? null : accountId };
}
