import { Command } from 'commander';
import manifest from '../../package.json' with { type: 'json' };
import { openTerminal, type Terminal } from './terminal.ts';

const ACCOUNT = 'user_id or email address of the account';
const JSON_OPTION = ['--json', 'print one line of JSON', false] as const;

/**
 * Returns the program with all its commands and their arguments. Wrong arguments throw a `CommanderError`
 * instead of ending the process. Each command is loaded when it runs, because the service's code alone takes
 * longer to load than most commands take to run.
 */
export function createProgram(): Command {
  const program = new Command('mediahooks')
    .description('Receives media files, encodes them, and sends signed webhooks about each step.')
    .version(manifest.version)
    // Not `--env-file`, because Node takes an option of this name for its own, after the name of the script too.
    .option('--settings <file>', 'file of settings, with lines NAME=value; the environment precedes it')
    .exitOverride();
  const terminal = openTerminal(() => program.opts().settings ?? null);
  program
    .command('serve')
    .description('run the service until interrupted')
    .action(async () => (await import('./serve.ts')).serve(terminal));
  program
    .command('check-config')
    .description('check the settings, and print the settings in force')
    .action(async () => (await import('./check-config.ts')).checkConfig(terminal));
  addAccountCommands(program, terminal);
  addKeyCommands(program, terminal);
  addTokenCommands(program, terminal);
  program
    .command('console-link')
    .description('print a link that signs an account in to the web console, once, for an hour')
    .argument('<account>', ACCOUNT)
    .option(...JSON_OPTION)
    .action(async (name, options) =>
      (await import('./console-link.ts')).printConsoleLink(terminal, name, options),
    );
  addBackupCommands(program, terminal);
  program
    .command('encryption')
    .description('manage the encryption of stored secrets')
    .command('rotate')
    .description('encrypt signing secrets and header values with a new key; the service must be stopped')
    .action(async () => (await import('./encryption.ts')).rotateEncryption(terminal));
  return program;
}

function addBackupCommands(program: Command, terminal: Terminal): void {
  program
    .command('backup')
    .description('make a backup of all data, and check it, while the service may run')
    .argument('<directory>', 'folder of the backup, which must be empty or missing')
    .option('--link', 'make hard links of media files instead of copies, on the same file system', false)
    .option('--no-key', "leave out the data folder's encryption key")
    .action(async (directory, options) =>
      (await import('./backup.ts')).backUpData(terminal, directory, {
        ...options,
        version: manifest.version,
      }),
    );
  program
    .command('restore')
    .description('check a backup, and copy it into the empty data folder of the settings')
    .argument('<directory>', 'folder of the backup')
    .option('--check', 'only check the backup', false)
    .action(async (directory, options) =>
      (await import('./backup.ts')).restoreData(terminal, directory, options),
    );
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
    .action(async (options) => (await import('./account.ts')).createAccountCommand(terminal, options));
  account
    .command('list')
    .description('list all accounts, the oldest first')
    .option(...JSON_OPTION)
    .action(async (options) => (await import('./account.ts')).listAccounts(terminal, options));
  account
    .command('show')
    .description('show one account')
    .argument('<account>', ACCOUNT)
    .option(...JSON_OPTION)
    .action(async (name, options) => (await import('./account.ts')).showAccount(terminal, name, options));
  account
    .command('disable')
    .description('refuse the keys and tokens of an account; what was accepted for it is still delivered')
    .argument('<account>', ACCOUNT)
    .action(async (name) => (await import('./account.ts')).setDisabled(terminal, name, true));
  account
    .command('enable')
    .description('accept the keys and tokens of a disabled account again')
    .argument('<account>', ACCOUNT)
    .action(async (name) => (await import('./account.ts')).setDisabled(terminal, name, false));
  account
    .command('password')
    .description('set a password, read from standard input or asked for, and end all earlier tokens')
    .argument('<account>', ACCOUNT)
    .action(async (name) => (await import('./account.ts')).setPassword(terminal, name));
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
    .action(async (options) => (await import('./key.ts')).createKey(terminal, options));
  key
    .command('list')
    .description('list the API keys of an account, the oldest first')
    .requiredOption('--account <account>', ACCOUNT)
    .option(...JSON_OPTION)
    .action(async (options) => (await import('./key.ts')).listKeys(terminal, options));
  key
    .command('revoke')
    .description('remove an API key')
    .requiredOption('--public-key <key>', 'public half of the key')
    .action(async ({ publicKey }) => (await import('./key.ts')).revokeKey(terminal, publicKey));
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
    .action(async (options) => (await import('./token.ts')).issueToken(terminal, options));
  token
    .command('rotate-key')
    .description('sign tokens with a new key from now on; earlier tokens stay valid')
    .action(async () => (await import('./token.ts')).rotateTokenKey(terminal));
}
