/**
 * What is started once and stopped once. `stop` is safe before `start`, and twice;
 * it fulfils when nothing of it runs any more.
 */
export interface Lifecycle {
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** What ends what was begun, the last first. */
export type Stops = (() => void | Promise<void>)[];

/**
 * Carries out the steps of a stop, the last begun first, and empties the list. A step that fails keeps none of the
 * others from running. Rejects with what failed, at the end.
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
