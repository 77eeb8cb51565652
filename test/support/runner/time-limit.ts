/**
 * Ends a test process that runs for too long: `node --import ./test/support/runner/time-limit.ts?seconds=600
 * --test …`. The option `--test-timeout` of Node 26 does not end a process whose tests have ended but in which a
 * socket or a thread is still open: such a process would keep the whole run waiting forever.
 */
import { isMainThread } from 'node:worker_threads';

// Node's test runner loads this module, too, and it lives as long as all test processes together. Only the
// processes that it starts have this variable.
const isTestProcess = process.env.NODE_TEST_CONTEXT?.startsWith('child') ?? false;

if (isMainThread && isTestProcess) {
  const seconds = Number(new URL(import.meta.url).searchParams.get('seconds'));
  if (!(seconds > 0)) throw new Error('time-limit.ts: expected a number of seconds, such as ?seconds=600');
  setTimeout(() => end(seconds), seconds * 1_000).unref();
}

function end(seconds: number): void {
  const open = process.getActiveResourcesInfo().join(', ');
  process.stderr.write(`${process.argv[1]} still ran after ${seconds} s; open: ${open}\n`);
  process.exit(1);
}
