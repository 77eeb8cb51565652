import { readFileSync } from 'node:fs';

/**
 * Module that a process of the service imports before its own modules. It replaces the wall clock by that of
 * `SettableClock`. The monotonic clock stays.
 */

const READ_EVERY_MS = 10;

const file = process.env.TEST_CLOCK ?? '';
const machineNow = Date.now;
let aheadMs = read();
setInterval(() => {
  aheadMs = read();
}, READ_EVERY_MS).unref();
Date.now = () => machineNow() + aheadMs;

function read(): number {
  return Number(readFileSync(file, 'utf8'));
}
