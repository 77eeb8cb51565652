import { flushCompileCache } from 'node:module';
import { createAccount } from '../accounts/create-account.ts';
import { COMMAND_LINE } from '../domain/audit.ts';
import { type Service, startService } from '../service/start-service.ts';
import { credentialLines } from './account.ts';
import type { Terminal } from './terminal.ts';

const FIRST_EMAIL = 'owner@localhost';

/** `serve`: runs the service until SIGINT or SIGTERM. */
export async function serve({ config, print }: Terminal): Promise<void> {
  const interrupted = untilInterrupted();
  const service = await startService(config());
  try {
    if (!(await service.storage.accounts.any())) await welcome(service, print);
    print(`Mediahooks listens on ${service.url}`);
    // Node would write it at the end of the process, which may be a kill.
    flushCompileCache();
    await interrupted;
    print('Mediahooks is stopping');
  } finally {
    await service.stop();
  }
  print('Mediahooks has stopped');
}

/**
 * Fulfils with the first SIGINT or SIGTERM. Those that follow change nothing: launchers send them twice, to the
 * process and to its group, and the stop is bounded in time.
 */
function untilInterrupted(): Promise<void> {
  return new Promise((resolve) => {
    process.on('SIGINT', () => resolve());
    process.on('SIGTERM', () => resolve());
  });
}

/** On an empty data folder: makes the first account, an operator, and says how to go on. */
async function welcome({ storage, tokens, url }: Service, print: Terminal['print']): Promise<void> {
  const first = { email: FIRST_EMAIL, isOperator: true, now: Date.now() };
  const credentials = await createAccount(storage, tokens, first, COMMAND_LINE);
  print('The data folder was empty, so the first account was created. Its credentials, shown this once:\n');
  for (const line of credentialLines(credentials)) print(line);
  print('\nFor the commands of README.md, paste these two lines into a shell:\n');
  print(`URL=${url}`);
  print(`KEY=${credentials.publicKey}:${credentials.secretKey}`);
  print('\nTry first: create a webhook, to any URL of yours.\n');
  for (const line of FIRST_CALL) print(line);
  print('');
}

/** That of README.md. */
const FIRST_CALL = [
  `curl -sS "$URL/api/webhooks" -u "$KEY" -H 'Content-Type: application/json' -d '{`,
  '  "name": "my server", "url": "https://example.com/hooks",',
  '  "file_received": true, "encoding_started": true, "partial_finished": true,',
  '  "encoding_finished": true, "encoding_failed": true',
  `}'`,
];
