import { setTimeout as delay } from 'node:timers/promises';
import v8 from 'node:v8';
import { collectWhenIdle } from '../idle-memory.ts';

/**
 * Program that fills its heap, drops all references to the memory, and is then idle for a while. Prints the
 * sizes of the heap before and after, in MiB.
 */

const IDLE_MS = 5_000;
const OBJECTS = 400_000;

const mebibytes = () => v8.getHeapStatistics().total_physical_size / 2 ** 20;

const stop = collectWhenIdle();
let kept: object[] | null = Array.from({ length: OBJECTS }, (_, n) => ({ text: String(n), more: [n] }));
const full = kept.length === OBJECTS ? mebibytes() : Number.NaN;
kept = null;
await delay(IDLE_MS);
stop();
process.stdout.write(JSON.stringify({ full, idle: mebibytes() }));
