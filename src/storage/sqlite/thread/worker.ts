import { parentPort, workerData } from 'node:worker_threads';
import { ServiceError } from '../../../domain/errors.ts';
import { collectWhenIdle } from '../../../platform/idle-memory.ts';
import type { Storage } from '../../contracts/storage.ts';
import { openSqliteStorage } from '../sqlite-storage.ts';
import type { Answer, Call } from './client.ts';

/** The thread that owns the database: an fsync here never holds up the event loop that serves and sends. */

if (!parentPort) throw new Error('the SQLite worker is to be started as a worker thread');
const port = parentPort;

const storage = await openSqliteStorage(workerData);
port.on('message', (call: Call) => void answer(call));
port.postMessage('open');
const stopGivingBack = collectWhenIdle();

async function answer(call: Call): Promise<void> {
  try {
    const value = await carryOut(call);
    port.postMessage({ id: call.id, ok: true, value } satisfies Answer);
  } catch (error) {
    port.postMessage({ id: call.id, ok: false, error: portable(error) } satisfies Answer);
  }
  if (call.method !== 'close') return;
  stopGivingBack();
  port.close();
}

function carryOut({ store, method, args }: Call): Promise<unknown> {
  const target = store === null ? storage : storage[store as Exclude<keyof Storage, 'close'>];
  return (target as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>)[method]?.(
    ...args,
  ) as Promise<unknown>;
}

/** What of an error survives the way to another thread. */
function portable(error: unknown): Extract<Answer, { ok: false }>['error'] {
  if (error instanceof ServiceError) return { code: error.code, message: error.message };
  return { code: null, message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}
