import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { answerOf, api } from '../api/client.ts';
import type { operations } from '../api/generated/api.d.ts';

type Answer = operations['listAuditRecords']['responses'][200]['content']['application/json'];

export type AuditRecord = Answer['data']['audit_records'][number];
export type AuditAction = AuditRecord['action'];

/** Maximum number of records on a page. */
export const AUDIT_PAGE_SIZE = 50;

export interface AuditRequest {
  /** `account`: changes of the own account, or of the account `userId`; `all`: those of everyone, for operators alone. */
  readonly scope: 'account' | 'all';
  readonly userId?: string | undefined;
  readonly action?: AuditAction | undefined;
  /** Number of the page, from 1. */
  readonly page: number;
}

export function auditQuery({ scope, userId, action, page }: AuditRequest) {
  const query = {
    scope,
    ...(userId && { user_id: userId }),
    ...(action && { action }),
    offset: (page - 1) * AUDIT_PAGE_SIZE,
    limit: AUDIT_PAGE_SIZE,
  };
  return queryOptions({
    queryKey: ['audit', query],
    queryFn: async ({ signal }) =>
      (await answerOf(api.GET('/api/audit', { params: { query }, signal }))).data,
    placeholderData: keepPreviousData,
  });
}
