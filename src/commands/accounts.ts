import { Passwords } from '../accounts/passwords.ts';
import { announceRevocation } from '../accounts/revocation-watch.ts';
import { requireData } from '../data-folder/check.ts';
import { revocationFile } from '../data-folder/paths.ts';
import { type Account, type AccountChanges, normalEmail } from '../domain/account.ts';
import { COMMAND_LINE } from '../domain/audit.ts';
import { notFound } from '../domain/errors.ts';
import { openStoredData } from '../service/open-data.ts';
import type { Storage } from '../storage/contracts/storage.ts';
import { everyPage } from './every-page.ts';
import { readPassword } from './read-password.ts';
import type { Terminal } from './terminal.ts';

interface Output {
  readonly json: boolean;
}

/** `account list`: a line for each account, the oldest first. */
export function listAccounts(terminal: Terminal, { json }: Output): Promise<void> {
  return withStorage(terminal, async ({ accounts }) => {
    const all = await everyPage((page) => accounts.list({ ...page, search: null, isDisabled: null }));
    if (json) terminal.print(JSON.stringify(all.map(accountFields)));
    else for (const account of all) terminal.print(accountLine(account));
  });
}

/** `account show`. */
export function showAccount(terminal: Terminal, name: string, { json }: Output): Promise<void> {
  return withStorage(terminal, async (storage) => {
    const fields = accountFields(await findAccount(storage, name));
    if (json) terminal.print(JSON.stringify(fields));
    else for (const [field, value] of Object.entries(fields)) terminal.print(`${field.padEnd(14)} ${value}`);
  });
}

/** `account disable` and `account enable`. */
export function setDisabled(terminal: Terminal, name: string, isDisabled: boolean): Promise<void> {
  return withStorage(terminal, async (storage) => {
    const { id, email } = await findAccount(storage, name);
    await update(storage, id, { isDisabled });
    await announceRevocation(revocationFile(terminal.config().dataDir));
    terminal.print(
      isDisabled
        ? `${email} is disabled: its keys and tokens are refused, what was accepted is still delivered`
        : `${email} is enabled`,
    );
  });
}

/** `account password`: the tokens of before are ended. */
export function setPassword(terminal: Terminal, name: string): Promise<void> {
  return withStorage(terminal, async (storage) => {
    const { id, email } = await findAccount(storage, name);
    const passwordHash = await new Passwords().hash(await readPassword());
    await update(storage, id, { passwordHash });
    await announceRevocation(revocationFile(terminal.config().dataDir));
    terminal.print(`${email} has a new password; its tokens of before are refused`);
  });
}

/** Works on the data of a server that may be running. */
export async function withStorage(
  { config }: Terminal,
  work: (storage: Storage) => Promise<void>,
): Promise<void> {
  const inForce = config();
  requireData(inForce);
  const { storage } = await openStoredData(inForce);
  try {
    await work(storage);
  } finally {
    await storage.close();
  }
}

/** By the account's user_id or its email address. */
export async function findAccount({ accounts }: Storage, name: string): Promise<Account> {
  const account = name.includes('@')
    ? await accounts.findByEmail(normalEmail(name))
    : await accounts.find(name.toLowerCase());
  if (!account) throw notFound(`account ${name}`);
  return account;
}

async function update({ accounts }: Storage, id: string, changes: AccountChanges): Promise<void> {
  if (!(await accounts.update(id, changes, { at: Date.now(), by: COMMAND_LINE })))
    throw notFound(`account ${id}`);
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
