/**
 * Part of the service that is started once and stopped once. Callers are allowed to call `stop` before
 * `start`, and more than once. The promise of `stop` fulfils when nothing of the part runs any more.
 */
export interface Lifecycle {
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Functions that stop the parts of the service, in the order in which the parts were started. */
export type Stops = (() => void | Promise<void>)[];

/**
 * Calls the functions of `steps` in reverse order, and empties the list. If one function fails, the others
 * are still called.
 * @throws the error of the failed function, after the last call; an `AggregateError` if several have failed
 */
export async function stopAll(steps: Stops): Promise<void> {
  const errors: unknown[] = [];
  for (const step of steps.splice(0).reverse()) {
    try {
      await step();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length === 1) throw errors[0];
  if (errors.length > 1) throw new AggregateError(errors, 'several parts of the service failed to stop');
}
