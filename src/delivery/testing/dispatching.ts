import type { TestContext } from 'node:test';
import { createLogger } from '../../logging/logger.ts';
import { Dispatcher } from '../dispatcher.ts';
import type { DispatcherOptions } from '../dispatcher-options.ts';
import type { DeliveryBufferOptions } from '../scheduling/delivery-buffer.ts';
import { ManualAttempts } from './manual-attempts.ts';
import { MemoryQueue } from './memory-queue.ts';

export type Limits = Omit<DeliveryBufferOptions, 'attemptTimeoutMs'>;

interface Further {
  readonly started: boolean;
  /** Makes the attempts. By default the test answers each of them by hand. */
  readonly attempt: DispatcherOptions['attempt'];
}

const ROOMY: Limits = {
  concurrency: 100,
  concurrencyPerWebhook: 10,
  concurrencyPerHost: 100,
  capacity: 1_000,
  capacityPerWebhook: 100,
};
/** Milliseconds for which a stopping dispatcher waits for attempts in flight. */
export const STOP_GRACE_MS = 3_000;
/** Milliseconds in which a receiver must have answered. */
export const ATTEMPT_TIMEOUT_MS = 10_000;
/** Start time of tests in milliseconds since the epoch. Only `t.mock.timers` moves the clock. */
const T0 = 1_000_000;

/** Creates a dispatcher over a queue in memory. The test controls its attempts and its clock. */
export async function setUpDispatcher(
  t: TestContext,
  { started = true, attempt, ...limits }: Partial<Limits> & Partial<Further> = {},
) {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: T0 });
  const now = () => Date.now();
  const queue = new MemoryQueue();
  const attempts = new ManualAttempts(now);
  const logger = createLogger('silent');
  const interrupt = () => {
    while (attempts.inFlight.length > 0) attempts.answer('pending');
  };
  const options = {
    queue,
    logger,
    now,
    steadyNow: now,
    attempt: attempt ?? attempts.attempt,
    interrupt,
    stopGraceMs: STOP_GRACE_MS,
    pauseAfterMs: null,
    limits: { ...ROOMY, ...limits, attemptTimeoutMs: ATTEMPT_TIMEOUT_MS },
  };
  const dispatcher = new Dispatcher(options);
  t.after(async () => {
    const stopping = dispatcher.stop();
    while (attempts.inFlight.length > 0) attempts.answer();
    await stopping;
  });
  if (started) {
    await dispatcher.start();
    await turns();
  }
  return { queue, attempts, dispatcher };
}

/** Runs everything that waits neither for a timer nor for an attempt. */
export async function turns(count = 30): Promise<void> {
  for (let n = 0; n < count; n += 1) await new Promise((resolve) => setImmediate(resolve));
}
