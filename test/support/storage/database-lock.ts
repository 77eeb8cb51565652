import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Program of a process that holds the write lock of a database until its standard input ends. */
const HOLD = `
  const { DatabaseSync } = await import('node:sqlite');
  const database = new DatabaseSync(process.argv[1], { timeout: 30_000 });
  database.exec('begin immediate');
  process.stdout.write('locked');
  process.stdin.on('end', () => database.exec('rollback')).resume();
`;

/**
 * Locks a SQLite database against writing, in a process of its own, as a program of the operator would.
 * @returns a function that ends the lock
 */
export async function lockDatabase(file: string): Promise<() => Promise<void>> {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', HOLD, file], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return async () => {
    child.stdin.end();
    await once(child, 'close');
  };
}
