import { setTimeout as delay } from 'node:timers/promises';

const LOOK_EVERY_MS = 50;

/** Fulfils when the service at `url` answers, or when `signal` is aborted. */
export async function untilAnswering(url: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && !(await isAnswering(url))) await delay(LOOK_EVERY_MS);
}

async function isAnswering(url: string): Promise<boolean> {
  const answer = await fetch(`${url}/healthz`).catch(() => null);
  await answer?.body?.cancel();
  return answer?.ok ?? false;
}
