import { type Credentials, createAccountWithToken } from '../accounts/create-account.ts';
import { Passwords } from '../accounts/passwords.ts';
import { type Account, EMAIL } from '../domain/account.ts';
import { COMMAND_LINE } from '../domain/audit.ts';
import { openStoredData } from '../service/open-data.ts';
import { everyPage } from './every-page.ts';
import { withUseCases } from './open-use-cases.ts';
import { readPassword } from './read-password.ts';
import type { Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';

interface AccountOptions {
  readonly email: string;
  readonly operator: boolean;
  /** Whether the account gets a password. If so, the command reads the password. */
  readonly password: boolean;
  readonly json: boolean;
}

interface Output {
  readonly json: boolean;
}

/**
 * `account create`: creates an account and prints its credentials. Creates the data folder if the folder is
 * missing.
 */
export async function createAccountCommand(
  { config, print }: Terminal,
  { email, operator, password, json }: AccountOptions,
): Promise<void> {
  if (!EMAIL.test(email)) throw new UsageError('--email', `expected an email address, got ${email}`);
  const passwordHash = password ? await new Passwords().hash(await readPassword()) : null;
  const opened = await openStoredData(config());
  try {
    const wanted = { email, isOperator: operator, passwordHash, now: Date.now() };
    const credentials = await createAccountWithToken(opened, wanted, COMMAND_LINE);
    if (json) print(JSON.stringify(credentialsBody(credentials)));
    else for (const line of credentialLines(credentials)) print(line);
  } finally {
    await opened.storage.close();
  }
}

/** `account list`: prints a line for each account, the oldest first. */
export function listAccounts(terminal: Terminal, { json }: Output): Promise<void> {
  return withUseCases(terminal, async ({ storage: { accounts } }) => {
    const all = await everyPage((page) => accounts.list({ ...page, search: null, isDisabled: null }));
    if (json) terminal.print(JSON.stringify(all.map(accountFields)));
    else for (const account of all) terminal.print(accountLine(account));
  });
}

/** `account show`: prints one account. */
export function showAccount(terminal: Terminal, name: string, { json }: Output): Promise<void> {
  return withUseCases(terminal, async ({ accounts }) => {
    const fields = accountFields(await accounts.findByName(name));
    if (json) terminal.print(JSON.stringify(fields));
    else for (const [field, value] of Object.entries(fields)) terminal.print(`${field.padEnd(14)} ${value}`);
  });
}

/**
 * `account disable`: from now on, the account's keys and tokens are refused. `account enable`: from now on,
 * they are accepted again.
 */
export function setDisabled(terminal: Terminal, name: string, isDisabled: boolean): Promise<void> {
  return withUseCases(terminal, async ({ accounts }) => {
    const { id, email } = await accounts.findByName(name);
    await accounts.update(id, { isDisabled }, COMMAND_LINE);
    terminal.print(
      isDisabled
        ? `${email} is disabled: its keys and tokens are refused; what was accepted for it is still delivered`
        : `${email} is enabled: its keys and tokens are accepted`,
    );
  });
}

/** `account password`: sets the account's password, and ends all earlier tokens of the account. */
export function setPassword(terminal: Terminal, name: string): Promise<void> {
  return withUseCases(terminal, async ({ accounts }) => {
    const { id, email } = await accounts.findByName(name);
    await accounts.update(id, { password: await readPassword() }, COMMAND_LINE);
    terminal.print(`${email} has a new password; all earlier tokens of the account are refused`);
  });
}

/** Returns the lines that print the credentials of a new account. */
export function credentialLines({ userId, publicKey, secretKey, token }: Credentials): string[] {
  return [
    `  user_id     ${userId}`,
    `  public_key  ${publicKey}`,
    `  secret_key  ${secretKey}   (shown only now)`,
    `  token       ${token}`,
  ];
}

function credentialsBody({ userId, publicKey, secretKey, token }: Credentials) {
  return { user_id: userId, public_key: publicKey, secret_key: secretKey, token };
}

function accountFields(account: Account) {
  return {
    user_id: account.id,
    email: account.email,
    first_name: account.firstName,
    last_name: account.lastName,
    is_operator: account.isOperator,
    is_disabled: account.isDisabled,
    has_password: account.passwordHash !== null,
    created_at: new Date(account.createdAt).toISOString(),
  };
}

function accountLine({ id, email, isOperator, isDisabled }: Account): string {
  return [id, email, isOperator ? 'operator' : '', isDisabled ? 'disabled' : ''].filter(Boolean).join('  ');
}
