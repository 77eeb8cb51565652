import type { Actor, AuditAction, AuditEntry, AuditRecord } from '../../domain/audit.ts';
import type { Page, PageRequest } from './page.ts';

export interface AuditListRequest extends PageRequest {
  /** Whose: of one account, of the whole service alone (null), or all there is. */
  readonly of: { readonly accountId: string | null } | 'all';
  readonly action: AuditAction | null;
  readonly targetId: string | null;
  /** The account that acted. */
  readonly actorId: string | null;
  /** From then on. */
  readonly since: number | null;
  /** Before then. */
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
   * Records what changes nothing that is stored here: a sign-in, a token that is issued. Of refused sign-ins to one
   * account a hundred within an hour are recorded, and more are not: nobody fills the disk by guessing.
   */
  add(entry: AuditEntry, by: Actor): Promise<void>;
  list(request: AuditListRequest): Promise<Page<AuditRecord>>;
}
