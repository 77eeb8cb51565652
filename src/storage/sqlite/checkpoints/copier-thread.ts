import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import type { CopierTask } from './copier.ts';

/**
 * A worker thread that copies the write-ahead log into the database. A copy writes thousands of pages and syncs
 * them. In a thread of its own, with a connection of its own, it never delays a commit: a passive checkpoint
 * waits for nobody, and nobody waits for it.
 */

if (!parentPort) throw new Error('the copier of the write-ahead log is to be started as a worker thread');
const port = parentPort;

const connection = new DatabaseSync((workerData as CopierTask).file);
// Without it, pages would be copied that are lost with the power, while the log that has them begins again.
connection.exec('pragma synchronous = full');
const checkpoint = connection.prepare('pragma wal_checkpoint(passive)');

port.on('message', (message: 'copy' | 'close') => {
  if (message === 'close') {
    connection.close();
    port.close();
    return;
  }
  try {
    checkpoint.get();
  } catch {
    // An error that lasts, such as a full disk, also fails the next commit, and that commit reports it.
  }
  port.postMessage('copied');
});
