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
 * Who did what. Methods of the other stores that take an `Actor` as their last argument, or within a step, write a
 * record for each thing that they really change, in the same transaction: no change without its record, no record without its change. What
 * fails, finds nothing or finds things as they are to be leaves none. Without an actor the service itself acts, and
 * nothing is recorded.
 */
export interface AuditStore {
  /**
   * Records what changes nothing that is stored here: a sign-in, a token that is issued. Of refused sign-ins to one
   * account a hundred within an hour are recorded, and more are not: nobody fills the disk by guessing.
   */
  add(entry: AuditEntry, by: Actor): Promise<void>;
  list(request: AuditListRequest): Promise<Page<AuditRecord>>;
}
