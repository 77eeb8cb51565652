import { flushCompileCache } from 'node:module';
import type { Config } from '../config/config.ts';
import { type Service, startService } from '../service/start-service.ts';
import type { Terminal } from './terminal.ts';

/** `serve`: runs the service until SIGINT or SIGTERM. */
export async function serve({ config, print }: Terminal): Promise<void> {
  const interruption = new AbortController();
  const interrupted = untilInterrupted().then(() => interruption.abort());
  const service = await startUnlessInterrupted(config(), interruption.signal);
  if (service === null) return;
  try {
    if (!(await service.storage.accounts.any())) await (await import('./welcome.ts')).welcome(service, print);
    print(`Mediahooks listens on ${service.url}`);
    // The cache of compiled code is written now. Node itself writes it only at a normal exit, and a killed
    // process has no normal exit.
    flushCompileCache();
    await interrupted;
    print('Mediahooks is stopping');
  } finally {
    await service.stop();
  }
  print('Mediahooks has stopped');
}

/** Starts the service. @returns `null` if the start was interrupted while it waited */
async function startUnlessInterrupted(config: Config, signal: AbortSignal): Promise<Service | null> {
  try {
    return await startService(config, { signal });
  } catch (error) {
    if (signal.aborted && error === signal.reason) return null;
    throw error;
  }
}

/**
 * Returns a promise that fulfils at the first SIGINT or SIGTERM. Later signals are ignored, because launchers
 * send each signal twice: to the process and to its process group. No second signal is needed to end the
 * process, because the service needs only a limited time to stop.
 */
function untilInterrupted(): Promise<void> {
  return new Promise((resolve) => {
    process.on('SIGINT', () => resolve());
    process.on('SIGTERM', () => resolve());
  });
}
