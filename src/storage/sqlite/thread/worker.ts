import { parentPort, workerData } from 'node:worker_threads';
import { ServiceError } from '../../../domain/errors.ts';
import { collectWhenIdle } from '../../../platform/process/idle-memory.ts';
import type { Storage } from '../../contracts/storage.ts';
import { openSqliteReader } from '../sqlite-reader.ts';
import { openSqliteStorage } from '../sqlite-storage.ts';
import { methodsOf } from './methods.ts';
import { carrierPackings } from './packing/packings.ts';
import type { Call, Message, PortableError, ThreadTask } from './protocol.ts';
import { ReadTurns } from './read-turns.ts';
import { WriteTurns } from './write-turns.ts';

/**
 * A worker thread of the database. An fsync blocks only the thread that commits, and a long list only the
 * thread that reads, never the event loop of the main thread, which answers HTTP requests and sends
 * deliveries.
 */

/**
 * Niceness of the thread that reads. A list keeps a processor busy for milliseconds at a time. With the same priority,
 * the thread that commits and the main thread would wait for it.
 */
const READER_NICENESS = 10;

if (!parentPort) throw new Error('the SQLite worker is to be started as a worker thread');
const port = parentPort;

/** Carries out calls of accounts in turns. */
interface Turns {
  /** @throws ServiceError `rate_limited` when too many calls of the account wait */
  run(account: string | null, work: () => Promise<void>): void;
  /** Fulfils when no call is running or waiting. */
  close(): Promise<void>;
}

const { turns, storage } = await open(workerData);
const packings = carrierPackings();
port.on('message', receive);
post('open');
const stopGivingBack = collectWhenIdle();

async function open({ role, options }: ThreadTask): Promise<{ turns: Turns; storage: Storage }> {
  if (role === 'writer') return { turns: new WriteTurns(), storage: await openSqliteStorage(options) };
  // Loaded by the reader alone, because it takes 5 ms of the start of the thread that commits.
  const { lowerThreadPriority } = await import('../../../platform/process/priority.ts');
  lowerThreadPriority(READER_NICENESS);
  const { storage, step } = openSqliteReader(options, () => turns.pause());
  const turns = new ReadTurns(step);
  return { turns, storage };
}

function receive(call: Call): void {
  if (call.store === null) {
    void (call.method === 'close' ? close(call) : answer(call));
    return;
  }
  const accountOf = methodsOf(call.store)[call.method]?.accountOf;
  try {
    turns.run(accountOf ? accountOf(...call.args) : null, () => answer(call));
  } catch (error) {
    refuse(call, error);
  }
}

/** Carries out a call, and sends its result. Never rejects. */
async function answer(call: Call): Promise<void> {
  const packing = packings.get(`${call.store}.${call.method}`);
  try {
    const args = packing ? packing.unpackArgs(call.args) : call.args;
    const value = await carryOut(call, args);
    post({ id: call.id, ok: true, value: packing ? packing.packAnswer(value, args) : value });
  } catch (error) {
    refuse(call, error);
  }
}

async function close(call: Call): Promise<void> {
  await turns.close();
  await answer(call);
  stopGivingBack();
  port.close();
}

type Methods = Record<string, (...args: readonly unknown[]) => Promise<unknown>>;

function carryOut({ store, method }: Call, args: readonly unknown[]): Promise<unknown> | undefined {
  const target = store === null ? storage : storage[store];
  return (target as unknown as Methods)[method]?.(...args);
}

function refuse({ id }: Call, error: unknown): void {
  post({ id, ok: false, error: portable(error) });
}

function post(message: Message): void {
  port.postMessage(message);
}

function portable(error: unknown): PortableError {
  if (error instanceof ServiceError) {
    const { code, message, retryAfterS, cause } = error;
    return { code, message, retryAfterS, cause: cause instanceof Error ? cause.message : null };
  }
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { code: null, message, retryAfterS: null, cause: null };
}
