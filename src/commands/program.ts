import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { createAccountCommand, listAccounts, setDisabled, setPassword, showAccount } from './account.ts';
import { checkConfig } from './check-config.ts';
import { rotateEncryption } from './encryption.ts';
import { createKey, listKeys, revokeKey } from './key.ts';
import { serve } from './serve.ts';
import type { Terminal } from './terminal.ts';
import { issueToken, rotateTokenKey } from './token.ts';

const ACCOUNT = 'user_id or email address of the account';
const JSON_OPTION = ['--json', 'print one line of JSON', false] as const;

/**
 * Returns the program with all its commands and their arguments. Wrong arguments throw a `CommanderError`
 * instead of ending the process.
 */
export function createProgram(terminal: Terminal): Command {
  const program = new Command('mediahooks')
    .description('Receives media files, encodes them, and sends signed webhooks about each step.')
    .version(version())
    .exitOverride();
  program
    .command('serve')
    .description('run the service until interrupted')
    .action(() => serve(terminal));
  program
    .command('check-config')
    .description('check the settings in the environment, and print the settings in force')
    .action(() => checkConfig(terminal));
  addAccountCommands(program, terminal);
  addKeyCommands(program, terminal);
  addTokenCommands(program, terminal);
  program
    .command('encryption')
    .description('manage the encryption of stored secrets')
    .command('rotate')
    .description('encrypt signing secrets and header values with a new key; the service must be stopped')
    .action(() => rotateEncryption(terminal));
  return program;
}

function addAccountCommands(program: Command, terminal: Terminal): void {
  const account = program.command('account').description('manage accounts');
  account
    .command('create')
    .description('create an account, and print its credentials')
    .requiredOption('--email <address>', 'email address of the account')
    .option('--operator', 'let the account publish events for any account, and manage accounts', false)
    .option('--password', 'set a password, read from standard input or asked for', false)
    .option(...JSON_OPTION)
    .action((options) => createAccountCommand(terminal, options));
  account
    .command('list')
    .description('list all accounts, the oldest first')
    .option(...JSON_OPTION)
    .action((options) => listAccounts(terminal, options));
  account
    .command('show')
    .description('show one account')
    .argument('<account>', ACCOUNT)
    .option(...JSON_OPTION)
    .action((name, options) => showAccount(terminal, name, options));
  account
    .command('disable')
    .description('refuse the keys and tokens of an account; what was accepted for it is still delivered')
    .argument('<account>', ACCOUNT)
    .action((name) => setDisabled(terminal, name, true));
  account
    .command('enable')
    .description('accept the keys and tokens of a disabled account again')
    .argument('<account>', ACCOUNT)
    .action((name) => setDisabled(terminal, name, false));
  account
    .command('password')
    .description('set a password, read from standard input or asked for, and end all earlier tokens')
    .argument('<account>', ACCOUNT)
    .action((name) => setPassword(terminal, name));
}

function addKeyCommands(program: Command, terminal: Terminal): void {
  const key = program.command('key').description('manage the API keys of accounts, operators included');
  key
    .command('create')
    .description('create an API key, and print it with its secret')
    .requiredOption('--account <account>', ACCOUNT)
    .option('--name <name>', 'name that says what the key is for', 'from the command line')
    .option('--type <type>', 'full_access or only_upload', 'full_access')
    .option('--ttl <seconds>', 'seconds until it expires; 0 for never', '0')
    .option(...JSON_OPTION)
    .action((options) => createKey(terminal, options));
  key
    .command('list')
    .description('list the API keys of an account, the oldest first')
    .requiredOption('--account <account>', ACCOUNT)
    .option(...JSON_OPTION)
    .action((options) => listKeys(terminal, options));
  key
    .command('revoke')
    .description('remove an API key')
    .requiredOption('--public-key <key>', 'public half of the key')
    .action(({ publicKey }) => revokeKey(terminal, publicKey));
}

function addTokenCommands(program: Command, terminal: Terminal): void {
  const token = program
    .command('token')
    .description('issue bearer tokens, and replace the key that signs them');
  token
    .command('issue', { isDefault: true })
    .description('issue a bearer token for an account')
    .requiredOption('--user <id>', 'user_id of the account')
    .option(...JSON_OPTION)
    .action((options) => issueToken(terminal, options));
  token
    .command('rotate-key')
    .description('sign tokens with a new key from now on; earlier tokens stay valid')
    .action(() => rotateTokenKey(terminal));
}

function version(): string {
  const manifest: { version: string } = JSON.parse(
    readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
  );
  return manifest.version;
}
