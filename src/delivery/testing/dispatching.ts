import type { TestContext } from 'node:test';
import { createLogger } from '../../logging/logger.ts';
import { Dispatcher, type DispatcherOptions } from '../dispatcher.ts';
import { HeldAttempts } from './held-attempts.ts';
import { MemoryQueue } from './memory-queue.ts';

type Limits = Pick<
  DispatcherOptions,
  'concurrency' | 'concurrencyPerWebhook' | 'concurrencyPerHost' | 'capacity' | 'capacityPerWebhook'
>;

interface Further {
  readonly started: boolean;
  /** Makes attempts in place of the test's holding them. */
  readonly attempt: DispatcherOptions['attempt'];
}

const ROOMY: Limits = {
  concurrency: 100,
  concurrencyPerWebhook: 10,
  concurrencyPerHost: 100,
  capacity: 1_000,
  capacityPerWebhook: 100,
};
/** How long a dispatcher that stops waits for attempts under way. */
export const STOP_GRACE_MS = 3_000;
/** How long a receiver has for its answer. */
export const ATTEMPT_TIMEOUT_MS = 10_000;
/** When tests begin, in milliseconds since the epoch; they alone move the clock, by `t.mock.timers`. */
const T0 = 1_000_000;

/** A dispatcher over a queue in memory, whose attempts and clock the test holds. */
export async function setUpDispatcher(
  t: TestContext,
  { started = true, attempt, ...limits }: Partial<Limits> & Partial<Further> = {},
) {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: T0 });
  const now = () => Date.now();
  const queue = new MemoryQueue();
  const attempts = new HeldAttempts(now);
  const logger = createLogger('silent');
  const interrupt = () => {
    while (attempts.underWay.length > 0) attempts.answer('pending');
  };
  const options = {
    queue,
    logger,
    now,
    attempt: attempt ?? attempts.attempt,
    interrupt,
    stopGraceMs: STOP_GRACE_MS,
    attemptTimeoutMs: ATTEMPT_TIMEOUT_MS,
    pauseAfterMs: null,
  };
  const dispatcher = new Dispatcher({ ...options, ...ROOMY, ...limits });
  t.after(async () => {
    const stopping = dispatcher.stop();
    while (attempts.underWay.length > 0) attempts.answer();
    await stopping;
  });
  if (started) {
    await dispatcher.start();
    await turns();
  }
  return { queue, attempts, dispatcher };
}

/** Lets everything run that waits for neither a timer nor an attempt. */
export async function turns(count = 30): Promise<void> {
  for (let n = 0; n < count; n += 1) await new Promise((resolve) => setImmediate(resolve));
}
