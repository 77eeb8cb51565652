import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { createAccountCommand } from './commands/account.ts';
import { listAccounts, setDisabled, setPassword, showAccount } from './commands/accounts.ts';
import { checkConfig } from './commands/check-config.ts';
import { rotateEncryption } from './commands/encryption.ts';
import { createKey, listKeys, revokeKey } from './commands/key.ts';
import { serve } from './commands/serve.ts';
import { terminal } from './commands/terminal.ts';
import { issueToken, rotateTokenKey } from './commands/token.ts';
import { ConfigError } from './config/config-error.ts';
import { DataInUseError } from './data-folder/lock.ts';
import { ServiceError } from './domain/errors.ts';

const manifest: { version: string } = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
);

/** What names an account. */
const ACCOUNT = 'its user_id or its email address';

const program = new Command('mediahooks')
  .description('Receives media files, encodes them, and delivers what happens to them as signed webhooks.')
  .version(manifest.version)
  .exitOverride();

program
  .command('serve')
  .description('run the service until interrupted')
  .action(() => serve(terminal));

program
  .command('check-config')
  .description('check the settings in the environment, and print those in force')
  .action(() => checkConfig(terminal));

const account = program.command('account').description('manage accounts');

account
  .command('create')
  .description('create an account, and print its credentials')
  .requiredOption('--email <address>', 'email address')
  .option('--operator', 'may publish events for any account', false)
  .option('--password', 'with a password, read from standard input or asked for', false)
  .option('--json', 'print one line of JSON', false)
  .action((options) => createAccountCommand(terminal, options));

account
  .command('list')
  .description('list all accounts, the oldest first')
  .option('--json', 'print one line of JSON', false)
  .action((options) => listAccounts(terminal, options));

account
  .command('show')
  .description('show one account')
  .argument('<account>', ACCOUNT)
  .option('--json', 'print one line of JSON', false)
  .action((name, options) => showAccount(terminal, name, options));

account
  .command('disable')
  .description('refuse the keys and tokens of an account; what it was owed is still delivered')
  .argument('<account>', ACCOUNT)
  .action((name) => setDisabled(terminal, name, true));

account
  .command('enable')
  .description('undo disable')
  .argument('<account>', ACCOUNT)
  .action((name) => setDisabled(terminal, name, false));

account
  .command('password')
  .description('set a password, read from standard input or asked for, and end the tokens of before')
  .argument('<account>', ACCOUNT)
  .action((name) => setPassword(terminal, name));

const key = program.command('key').description('manage API keys, those of operators too');

key
  .command('create')
  .description('create an API key, and print it with its secret')
  .requiredOption('--account <account>', ACCOUNT)
  .option('--name <name>', 'what it is for', 'from the command line')
  .option('--type <type>', 'full_access or only_upload', 'full_access')
  .option('--ttl <seconds>', 'seconds until it expires; 0 for never', '0')
  .option('--json', 'print one line of JSON', false)
  .action((options) => createKey(terminal, options));

key
  .command('list')
  .description('list the API keys of an account, the oldest first')
  .requiredOption('--account <account>', ACCOUNT)
  .option('--json', 'print one line of JSON', false)
  .action((options) => listKeys(terminal, options));

key
  .command('revoke')
  .description('remove an API key')
  .requiredOption('--public-key <key>', 'its public key')
  .action(({ publicKey }) => revokeKey(terminal, publicKey));

const token = program.command('token').description('issue bearer tokens, and change the key that signs them');

token
  .command('issue', { isDefault: true })
  .description('issue a bearer token for an account')
  .requiredOption('--user <id>', 'the user_id of the account')
  .option('--json', 'print one line of JSON', false)
  .action((options) => issueToken(terminal, options));

token
  .command('rotate-key')
  .description('sign tokens with a new key from now on; no session ends')
  .action(() => rotateTokenKey(terminal));

program
  .command('encryption')
  .description('manage the encryption of what is stored')
  .command('rotate')
  .description('encrypt secrets and header values with a new key; the service must be stopped')
  .action(() => rotateEncryption(terminal));

// Whatever the service makes holds secrets, or what is its account's alone.
process.umask(0o077);

// Whoever read the output may go away, and the service go on.
process.stdout.on('error', () => undefined);

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

/** Says what went wrong in one line, where it is the caller's to mend; everything else is a defect, with its stack. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode;
  const isExpected =
    error instanceof ConfigError || error instanceof DataInUseError || error instanceof ServiceError;
  const text = isExpected ? (error as Error).message : (error as Error).stack;
  process.stderr.write(`mediahooks: ${text}\n`);
  return 1;
}
