import type { Actor, AuditAction, AuditEntry, AuditRecord } from '../../domain/audit.ts';
import type { Page, PageRequest } from './page.ts';

export interface AuditListRequest extends PageRequest {
  /**
   * Which records are listed: records about one account, records about the whole service (`accountId: null`),
   * or all.
   */
  readonly of: { readonly accountId: string | null } | 'all';
  readonly action: AuditAction | null;
  readonly targetId: string | null;
  /** Only records of changes by this account. `null`: by any actor. */
  readonly actorId: string | null;
  /** Only records of this time or later. `null`: no lower limit. */
  readonly since: number | null;
  /** Only records from before this time. `null`: no upper limit. */
  readonly until: number | null;
}

/**
 * The audit log: records of changes, each with its time and actor.
 *
 * The methods of the other stores write the audit log, too. Each method whose last argument is a `Change` or
 * an `Actor` writes one record for each object that the method changes, in the transaction of the change. So
 * there is no change without a record, and no record without a change. A call that fails or changes nothing
 * writes no record. The argument is required, so that no caller can forget it.
 */
export interface AuditStore {
  /**
   * Records an action that changes nothing in this storage, such as a sign-in or the issue of a token. At
   * most a hundred refused sign-ins per account and hour are recorded, so that nobody can fill the disk by
   * guessing passwords.
   */
  add(entry: AuditEntry, by: Actor): Promise<void>;
  list(request: AuditListRequest): Promise<Page<AuditRecord>>;
}
