import type { ApiKey } from '../../domain/account.ts';
import type { Actor, Change } from '../../domain/audit.ts';
import type { ConsoleLink, ConsoleSession } from '../../domain/console-session.ts';

/** Maximum number of sessions of an account. A further session ends the oldest one. */
export const MOST_CONSOLE_SESSIONS = 50;
/** Maximum number of unused links of an account. A further link replaces the oldest one. */
export const MOST_CONSOLE_LINKS = 100;

export interface FoundSession {
  readonly session: ConsoleSession;
  /** API key with which the session was opened; `null`: another means. */
  readonly apiKey: ApiKey | null;
}

/**
 * Sessions of accounts in the web console, and links that open one. `create` and `createLink` also remove some of the
 * sessions and links that have expired, so that their number stays bounded.
 */
export interface ConsoleSessionStore {
  /** Stores a session, and records the sign-in. @param by `null`: the sign-in was recorded already */
  create(session: ConsoleSession, by: Actor | null): Promise<void>;
  /** Returns a session, expired or not; `null`: it was ended, or its API key was deleted. */
  find(id: string): Promise<FoundSession | null>;
  /** Ends a session of an account. @returns false when the account has no such session */
  end(userId: string, id: string, change: Change): Promise<boolean>;
  /** Stores a link, and records it. */
  createLink(link: ConsoleLink, by: Actor): Promise<void>;
  /**
   * Removes a link, and stores the session that it opens, for the link's account. Of several calls with one link, one succeeds.
   * Records the sign-in, with the account as its actor.
   * @returns the session; null when there is no such link, it has expired, or its account is disabled
   */
  redeemLink(
    linkId: string,
    session: Omit<ConsoleSession, 'userId' | 'generation'>,
    by: Actor,
  ): Promise<ConsoleSession | null>;
}
