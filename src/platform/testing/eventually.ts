import { setTimeout as delay } from 'node:timers/promises';

const POLL_EVERY_MS = 20;

/**
 * Calls `look` again and again until it returns a value, for conditions that cannot be awaited. After
 * `withinMs`, rejects with an error that names the condition.
 */
export async function eventually<T>(
  what: string,
  look: () => Promise<T | null | undefined | false>,
  withinMs = 30_000,
): Promise<T> {
  const until = Date.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > until) throw new Error(`waited ${withinMs} ms in vain: ${what}`);
    await delay(POLL_EVERY_MS);
  }
}
