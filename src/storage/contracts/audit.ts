import type { Actor, AuditAction, AuditEntry, AuditRecord } from '../../domain/audit.ts';
import type { Page, PageRequest } from './page.ts';

export interface AuditListRequest extends PageRequest {
  /** Records of one account, of the service as a whole (`accountId: null`), or all records. */
  readonly of: { readonly accountId: string | null } | 'all';
  readonly action: AuditAction | null;
  readonly targetId: string | null;
  /** The account that acted. */
  readonly actorId: string | null;
  /** Records from this time on. */
  readonly since: number | null;
  /** Records from before this time. */
  readonly until: number | null;
}

/**
 * Records of who changed what, and when. A method of another store whose last argument is a `Change` or an `Actor`
 * writes one record for each thing that it really changes, in the same transaction: there is no change without its
 * record, and no record without its change. A call that fails, finds nothing or changes nothing writes no record.
 * The argument is required, so that no caller can forget it.
 */
export interface AuditStore {
  /**
   * Records an action that changes nothing in this storage, such as a sign-in or a token that is issued. It records at
   * most a hundred refused sign-ins to one account within an hour, so that nobody can fill the disk by guessing.
   */
  add(entry: AuditEntry, by: Actor): Promise<void>;
  list(request: AuditListRequest): Promise<Page<AuditRecord>>;
}
