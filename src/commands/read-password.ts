import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH } from '../accounts/passwords.ts';
import { ServiceError } from '../domain/errors.ts';

/**
 * A new password: asked for twice and not shown where a person sits at the terminal, else the whole of standard
 * input. Never an argument: those are seen by every user of the machine, and kept by shells.
 * @throws ApiError for one that will not do
 */
export async function readPassword(): Promise<string> {
  const { stdin } = process;
  // A file, or what echo writes, ends in a line break that is not meant.
  const password = stdin.isTTY ? await ask() : (await text(stdin)).replace(/\r?\n$/, '');
  if (/[\r\n]/.test(password)) throw refusal('expected one line');
  if (password.length < MIN_PASSWORD_LENGTH || password.length > MAX_PASSWORD_LENGTH) {
    throw refusal(`expected ${MIN_PASSWORD_LENGTH} to ${MAX_PASSWORD_LENGTH} characters`);
  }
  return password;
}

async function ask(): Promise<string> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output: silent, terminal: true });
  // Without it, an interrupted question would wait for ever.
  const interrupted = new AbortController();
  for (const end of ['SIGINT', 'close'] as const) terminal.on(end, () => interrupted.abort());
  const answer = async (question: string) => {
    process.stderr.write(question);
    const given = await terminal.question('', { signal: interrupted.signal });
    process.stderr.write('\n');
    return given;
  };
  try {
    const password = await answer('New password: ');
    if ((await answer('Once more: ')) !== password) throw refusal('the two are not the same');
    return password;
  } catch (error) {
    throw interrupted.signal.aborted ? refusal('interrupted') : error;
  } finally {
    terminal.close();
  }
}

function refusal(message: string): ServiceError {
  return new ServiceError('invalid_request', `password: ${message}`);
}
