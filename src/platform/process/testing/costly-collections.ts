import { setTimeout as delay } from 'node:timers/promises';
import { collectWhenIdle } from '../idle-memory.ts';

/**
 * Program with a collection of garbage that takes long, as that of a large heap does. It is idle for a while, and prints
 * how often it has collected.
 */

const IDLE_MS = 9_000;
const COLLECTION_MS = 150;

let collections = 0;
const collect = () => {
  collections += 1;
  const until = performance.now() + COLLECTION_MS;
  while (performance.now() < until);
};
globalThis.gc = collect as unknown as typeof globalThis.gc;
const stop = collectWhenIdle();
await delay(IDLE_MS);
stop();
process.stdout.write(String(collections));
