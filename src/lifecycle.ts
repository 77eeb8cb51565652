/**
 * What is started once and stopped once. `stop` is safe before `start`, and twice;
 * it fulfils when nothing of it runs any more.
 */
export interface Lifecycle {
  start(): Promise<void>;
  stop(): Promise<void>;
}
