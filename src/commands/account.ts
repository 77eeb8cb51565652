import { type Credentials, createAccount } from '../accounts/create-account.ts';
import { Passwords } from '../accounts/passwords.ts';
import { EMAIL } from '../domain/account.ts';
import { COMMAND_LINE } from '../domain/audit.ts';
import { ServiceError } from '../domain/errors.ts';
import { openStoredData } from '../service/open-data.ts';
import { readPassword } from './read-password.ts';
import type { Terminal } from './terminal.ts';

interface AccountOptions {
  readonly email: string;
  readonly operator: boolean;
  /** Whether to read one. */
  readonly password: boolean;
  readonly json: boolean;
}

/** `account create`: prints the credentials of a new account, once. */
export async function createAccountCommand(
  { config, print }: Terminal,
  { email, operator, password, json }: AccountOptions,
): Promise<void> {
  if (!EMAIL.test(email))
    throw new ServiceError('invalid_request', `--email: expected an email address, got ${email}`);
  const passwordHash = password ? await new Passwords().hash(await readPassword()) : null;
  const { storage, tokens } = await openStoredData(config());
  try {
    const wanted = { email, isOperator: operator, passwordHash, now: Date.now() };
    const credentials = await createAccount(storage, tokens, wanted, COMMAND_LINE);
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
