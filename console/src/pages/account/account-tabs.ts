import type { AuditAction } from '../../queries/audit.ts';

export const ACCOUNT_TABS = ['keys', 'security', 'activity'] as const;

export type AccountTab = (typeof ACCOUNT_TABS)[number];

/** Part of the address that says what the page shows. */
export interface AccountSearch {
  readonly tab?: AccountTab;
  readonly page?: number;
  readonly action?: AuditAction;
}
