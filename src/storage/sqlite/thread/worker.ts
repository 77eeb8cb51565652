import { parentPort, workerData } from 'node:worker_threads';
import { ServiceError } from '../../../domain/errors.ts';
import { collectWhenIdle } from '../../../platform/idle-memory.ts';
import { openSqliteStorage } from '../sqlite-storage.ts';
import type { Answer, Call, PortableError } from './protocol.ts';

/**
 * The worker thread in which the database runs. An fsync blocks only this thread, never the event loop of the
 * main thread, which answers HTTP requests and sends deliveries.
 */

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

type Methods = Record<string, (...args: readonly unknown[]) => Promise<unknown>>;

function carryOut({ store, method, args }: Call): Promise<unknown> | undefined {
  const target = store === null ? storage : storage[store];
  return (target as unknown as Methods)[method]?.(...args);
}

function portable(error: unknown): PortableError {
  if (error instanceof ServiceError) return { code: error.code, message: error.message };
  return { code: null, message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}
