import { createAccountWithToken } from '../accounts/create-account.ts';
import { COMMAND_LINE } from '../domain/audit.ts';
import type { Service } from '../service/start-service.ts';
import { credentialLines } from './account.ts';
import type { Terminal } from './terminal.ts';

const FIRST_EMAIL = 'owner@localhost';

/**
 * Creates the first account, an operator, in an empty data folder. Prints its credentials and an example of
 * an API call.
 */
export async function welcome({ url, ...opened }: Service, print: Terminal['print']): Promise<void> {
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
