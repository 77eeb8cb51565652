import { LONGEST_TOKEN_S } from '../accounts/tokens.ts';
import { requireData } from '../data-folder/check.ts';
import { COMMAND_LINE } from '../domain/audit.ts';
import { notFound } from '../domain/errors.ts';
import { openStoredData } from '../service/open-data.ts';
import type { Terminal } from './terminal.ts';

/** `token`: prints a bearer token for an account that there is. */
export async function issueToken(
  { config, print }: Terminal,
  { user, json }: { user: string; json: boolean },
): Promise<void> {
  const inForce = config();
  requireData(inForce);
  const { storage, tokens } = await openStoredData(inForce);
  try {
    const account = await storage.accounts.find(user);
    if (!account) throw notFound(`account ${user}`);
    const { tokenGeneration: generation } = account;
    const now = Date.now();
    const token = await tokens.issue(user, { ttl: LONGEST_TOKEN_S, now, generation });
    // Nobody has it before it is on record.
    await storage.audit.add(
      { at: now, accountId: user, action: 'account.token_issued', targetId: user },
      COMMAND_LINE,
    );
    print(json ? JSON.stringify({ user_id: user, token }) : token);
  } finally {
    await storage.close();
  }
}

/** `token rotate-key`: the next key signs tokens from now on. */
export async function rotateTokenKey({ config, print }: Terminal): Promise<void> {
  const inForce = config();
  requireData(inForce);
  const { storage, tokens } = await openStoredData(inForce);
  try {
    const now = Date.now();
    const note = (targetId: string) =>
      storage.audit.add({ at: now, accountId: null, action: 'token_key.rotated', targetId }, COMMAND_LINE);
    const { kid, dropped } = await tokens.rotateKey(now, note);
    print(`${kid} signs tokens from now on; no session ends`);
    for (const old of dropped) print(`${old} was dropped: its last token has expired`);
  } finally {
    await storage.close();
  }
}
