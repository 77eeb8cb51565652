import { TOKEN_TTL_S } from '../accounts/create-account.ts';
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
    if (!(await storage.accounts.find(user))) throw notFound(`account ${user}`);
    const token = await tokens.issue(user, { ttl: TOKEN_TTL_S, now: Date.now() });
    print(json ? JSON.stringify({ user_id: user, token }) : token);
  } finally {
    await storage.close();
  }
}
