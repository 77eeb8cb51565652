import { LONGEST_TOKEN_S } from '../accounts/tokens.ts';
import { requireData } from '../data-dir.ts';
import { notFound } from '../errors.ts';
import { openFoundation } from '../main.ts';
import type { Terminal } from './terminal.ts';

/** `token`: prints a bearer token for an account that there is. */
export async function issueToken(
  { config, print }: Terminal,
  { user, json }: { user: string; json: boolean },
): Promise<void> {
  const inForce = config();
  requireData(inForce);
  const { storage, tokens } = await openFoundation(inForce);
  try {
    const account = await storage.accounts.find(user);
    if (!account) throw notFound(`account ${user}`);
    const { tokenGeneration: generation } = account;
    const token = await tokens.issue(user, { ttl: LONGEST_TOKEN_S, now: Date.now(), generation });
    print(json ? JSON.stringify({ user_id: user, token }) : token);
  } finally {
    await storage.close();
  }
}

/** `token rotate-key`: the next key signs tokens from now on. */
export async function rotateTokenKey({ config, print }: Terminal): Promise<void> {
  const inForce = config();
  requireData(inForce);
  const { storage, tokens } = await openFoundation(inForce);
  try {
    const { kid, dropped } = await tokens.rotateKey(Date.now());
    print(`${kid} signs tokens from now on; no session ends`);
    for (const old of dropped) print(`${old} was dropped: its last token has expired`);
  } finally {
    await storage.close();
  }
}
