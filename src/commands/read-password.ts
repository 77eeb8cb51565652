import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { MAX_PASSWORD_LENGTH, MIN_PASSWORD_LENGTH } from '../accounts/passwords.ts';
import { UsageError } from './usage-error.ts';

/**
 * Reads a new password. At a terminal, it asks twice, and does not show the typed characters. Otherwise it
 * reads standard input to the end. A password is never passed as an argument, because every user of the
 * machine can see arguments, and shells keep arguments in their history.
 * @throws UsageError unless the password has one line and an allowed length
 */
export async function readPassword(): Promise<string> {
  const { stdin } = process;
  // One line break at the end is removed, because most text files end with one, and `echo` writes one.
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
  // `interrupted` is aborted at Ctrl+C and at the end of the input. Its signal makes `terminal.question`
  // reject. Without the signal, `terminal.question` would never settle.
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
    if ((await answer('Repeat it: ')) !== password) throw refusal('expected the same password twice');
    return password;
  } catch (error) {
    throw interrupted.signal.aborted ? refusal('interrupted') : error;
  } finally {
    terminal.close();
  }
}

function refusal(problem: string): UsageError {
  return new UsageError('password', problem);
}
