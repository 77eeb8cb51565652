import { consoleLinkUrl, issueConsoleLink } from '../accounts/console-sessions.ts';
import { COMMAND_LINE } from '../domain/audit.ts';
import { withUseCases } from './open-use-cases.ts';
import type { Terminal } from './terminal.ts';

/** `console-link`: issues a link that signs an account in to the web console, and prints the link. */
export function printConsoleLink(
  terminal: Terminal,
  name: string,
  { json }: { json: boolean },
): Promise<void> {
  const { publicUrl, host, port } = terminal.config();
  return withUseCases(terminal, async ({ accounts, storage }) => {
    const account = await accounts.findByName(name);
    const link = await issueConsoleLink(storage, account, { at: Date.now(), by: COMMAND_LINE });
    const url = consoleLinkUrl(publicUrl ?? `http://${host}:${port}`, link);
    const expires_at = new Date(link.expiresAt).toISOString();
    terminal.print(json ? JSON.stringify({ user_id: account.id, url, expires_at }) : url);
  });
}
