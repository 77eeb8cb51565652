import { copyFileSync } from 'node:fs';
import { backup, DatabaseSync } from 'node:sqlite';
import { journalFileOf } from '../journal/journal.ts';

/** Maximum number of milliseconds that the copy waits for a lock of another process. */
const BUSY_TIMEOUT_MS = 5_000;
/** Number of pages that one step of a copy may have at most: more than any database has. */
const ALL_PAGES = 2 ** 31 - 1;

/**
 * Copies a database into a new file, as the database is at one moment, while other processes use it. Checks
 * the copy. Copies its journal, too, whose changes the copy contains once `Queue.releaseStaleClaims` was called.
 *
 * All pages are copied in one step, which is one read transaction. A copy in several steps would begin again
 * whenever another process commits between two of them, and never end while events come in.
 */
export async function copyDatabase(from: string, to: string): Promise<void> {
  copyJournal(journalFileOf(from), journalFileOf(to));
  const source = new DatabaseSync(from, { timeout: BUSY_TIMEOUT_MS });
  try {
    await backup(source, to, { rate: ALL_PAGES });
  } finally {
    source.close();
  }
  checkIntegrity(to);
}

/**
 * Copies the journal before the database. What the journal loses meanwhile, because it begins again, SQLite has
 * committed before, so that the copy of the database has it.
 */
function copyJournal(from: string, to: string): void {
  try {
    copyFileSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

/** Reads all of a database. @throws Error if a page, a row or an index is damaged */
function checkIntegrity(file: string): void {
  const copy = new DatabaseSync(file);
  try {
    const [first] = copy.prepare('pragma integrity_check(1)').all();
    const found = Object.values(first ?? {})[0];
    if (found !== 'ok') throw new Error(`the database is damaged: ${found}`);
  } finally {
    copy.close();
  }
}
