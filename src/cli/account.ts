import { type Credentials, createAccount } from '../accounts/create-account.ts';
import { ApiError } from '../errors.ts';
import { openFoundation } from '../main.ts';
import type { Terminal } from './terminal.ts';

const EMAIL = /^[^\s@]+@[^\s@]+$/;

/** `account create`: prints the credentials of a new account, once. */
export async function createAccountCommand(
  { config, print }: Terminal,
  { email, operator, json }: { email: string; operator: boolean; json: boolean },
): Promise<void> {
  if (!EMAIL.test(email))
    throw new ApiError('invalid_request', `--email: expected an email address, got ${email}`);
  const { storage, tokens } = await openFoundation(config());
  try {
    const credentials = await createAccount(storage, tokens, {
      email,
      isOperator: operator,
      now: Date.now(),
    });
    if (json) print(JSON.stringify(credentialsBody(credentials)));
    else for (const line of credentialLines(credentials)) print(line);
  } finally {
    await storage.close();
  }
}

export function credentialLines({ userId, publicKey, secretKey, token }: Credentials): string[] {
  return [
    `  user_id     ${userId}`,
    `  public_key  ${publicKey}`,
    `  secret_key  ${secretKey}   (shown this once)`,
    `  token       ${token}`,
  ];
}

function credentialsBody({ userId, publicKey, secretKey, token }: Credentials) {
  return { user_id: userId, public_key: publicKey, secret_key: secretKey, token };
}
