/**
 * Part of the service that is started once and stopped once. `stop` may be called before `start`, and more than once.
 * It fulfils when nothing of the part runs any more.
 */
export interface Lifecycle {
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Steps of a stop, in the order in which the parts were started. `stopAll` runs them in reverse order. */
export type Stops = (() => void | Promise<void>)[];

/**
 * Runs the steps of a stop in reverse order, and empties the list. If a step fails, the others still run.
 * @throws the error of the failed step, after the last step; an `AggregateError` if several have failed
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
