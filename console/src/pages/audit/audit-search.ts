import type { AuditAction } from '../../queries/audit.ts';

/** Returns the action in an address. The service refuses one that it does not know, and the page then says so. */
export function actionIn(action: unknown): { action?: AuditAction } {
  return typeof action === 'string' && action !== '' ? { action: action as AuditAction } : {};
}
