import type { Account } from '../domain/account.ts';
import type { Actor, Change } from '../domain/audit.ts';
import type { Storage } from '../storage/contracts/storage.ts';
import { LONGEST_TOKEN_S, type Tokens } from './tokens.ts';

/**
 * Functions that issue tokens for the command line, and that rotate the keys that sign tokens. Both actions
 * are recorded in the audit log before the new token or key can be used.
 */

export interface RecordedTokensParts {
  readonly storage: Pick<Storage, 'audit'>;
  readonly tokens: Tokens;
}

/** Issues a bearer token for an account, with the longest allowed lifetime (`LONGEST_TOKEN_S`). */
export async function issueRecordedToken(
  { storage, tokens }: RecordedTokensParts,
  { id, tokenGeneration: generation }: Account,
  { at, by }: Change,
): Promise<string> {
  const token = await tokens.issue(id, { ttl: LONGEST_TOKEN_S, now: at, generation });
  if (by) await storage.audit.add({ at, accountId: id, action: 'account.token_issued', targetId: id }, by);
  return token;
}

/** Makes a new key that signs tokens from now on, and removes the keys whose tokens have all expired. */
export function rotateRecordedKey(
  { storage, tokens }: RecordedTokensParts,
  { at, by }: { readonly at: number; readonly by: Actor },
): Promise<{ kid: string; dropped: string[] }> {
  return tokens.rotateKey(at, (targetId) =>
    storage.audit.add({ at, accountId: null, action: 'token_key.rotated', targetId }, by),
  );
}
