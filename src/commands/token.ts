import { issueRecordedToken, rotateRecordedKey } from '../accounts/recorded-tokens.ts';
import { COMMAND_LINE } from '../domain/audit.ts';
import { withUseCases } from './open-use-cases.ts';
import type { Terminal } from './terminal.ts';

/** `token`: issues a bearer token for an account, and prints the token. */
export function issueToken(
  terminal: Terminal,
  { user, json }: { user: string; json: boolean },
): Promise<void> {
  return withUseCases(terminal, async ({ accounts, ...parts }) => {
    const account = await accounts.find(user);
    const token = await issueRecordedToken(parts, account, { at: Date.now(), by: COMMAND_LINE });
    terminal.print(json ? JSON.stringify({ user_id: account.id, token }) : token);
  });
}

/**
 * `token rotate-key`: creates a key that signs all tokens from then on, and removes the keys whose tokens
 * have expired.
 */
export function rotateTokenKey(terminal: Terminal): Promise<void> {
  return withUseCases(terminal, async (parts) => {
    const { kid, dropped } = await rotateRecordedKey(parts, { at: Date.now(), by: COMMAND_LINE });
    terminal.print(`${kid} signs tokens from now on; earlier tokens stay valid`);
    for (const old of dropped) terminal.print(`${old} was removed, because its last token has expired`);
  });
}
