import { flushCompileCache } from 'node:module';
import { createAccountWithToken } from '../accounts/create-account.ts';
import type { Config } from '../config/config.ts';
import { COMMAND_LINE } from '../domain/audit.ts';
import { type Service, startService } from '../service/start-service.ts';
import { credentialLines } from './account.ts';
import type { Terminal } from './terminal.ts';

const FIRST_EMAIL = 'owner@localhost';

/** `serve`: runs the service until SIGINT or SIGTERM. */
export async function serve({ config, print }: Terminal): Promise<void> {
  const interruption = new AbortController();
  const interrupted = untilInterrupted().then(() => interruption.abort());
  const service = await startUnlessInterrupted(config(), interruption.signal);
  if (service === null) return;
  try {
    if (!(await service.storage.accounts.any())) await welcome(service, print);
    print(`Mediahooks listens on ${service.url}`);
    // The cache of compiled code is written now. Node itself writes it only at a normal exit, and a killed
    // process has no normal exit.
    flushCompileCache();
    await interrupted;
    print('Mediahooks is stopping');
  } finally {
    await service.stop();
  }
  print('Mediahooks has stopped');
}

/** Starts the service. @returns `null` if the start was interrupted while it waited */
async function startUnlessInterrupted(config: Config, signal: AbortSignal): Promise<Service | null> {
  try {
    return await startService(config, { signal });
  } catch (error) {
    if (signal.aborted && error === signal.reason) return null;
    throw error;
  }
}

/**
 * Returns a promise that fulfils at the first SIGINT or SIGTERM. Later signals are ignored, because launchers
 * send each signal twice: to the process and to its process group. No second signal is needed to end the
 * process, because the service needs only a limited time to stop.
 */
function untilInterrupted(): Promise<void> {
  return new Promise((resolve) => {
    process.on('SIGINT', () => resolve());
    process.on('SIGTERM', () => resolve());
  });
}

/**
 * Creates the first account, an operator, in an empty data folder. Prints its credentials and an example of
 * an API call.
 */
async function welcome({ url, ...opened }: Service, print: Terminal['print']): Promise<void> {
  const first = { email: FIRST_EMAIL, isOperator: true, now: Date.now() };
  const credentials = await createAccountWithToken(opened, first, COMMAND_LINE);
  print('The data folder was empty, so the first account was created. Its credentials, shown only now:\n');
  for (const line of credentialLines(credentials)) print(line);
  print('\nFor the commands of README.md, paste these two lines into a shell:\n');
  print(`URL=${url}`);
  print(`KEY=${credentials.publicKey}:${credentials.secretKey}`);
  print('\nTry first: create a webhook with any URL of yours.\n');
  for (const line of FIRST_CALL) print(line);
  print('');
}

/** Example of an API call, the same as the first one in README.md. */
const FIRST_CALL = [
  `curl -sS "$URL/api/webhooks" -u "$KEY" -H 'Content-Type: application/json' -d '{`,
  '  "name": "my server", "url": "https://example.com/hooks",',
  '  "file_received": true, "encoding_started": true, "partial_finished": true,',
  '  "encoding_finished": true, "encoding_failed": true',
  `}'`,
];
