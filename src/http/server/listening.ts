import type { AddressInfo } from 'node:net';
import type { Config } from '../../config/config.ts';
import { ConfigError } from '../../config/config-error.ts';
import type { App } from '../app.ts';

/**
 * Starts listening, and returns the URL of the server.
 * @throws ConfigError if the address or port is not available
 */
export async function listen(app: App, { host, port }: Pick<Config, 'host' | 'port'>): Promise<string> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    const { code = '', syscall } = error as NodeJS.ErrnoException;
    if (code === 'EADDRNOTAVAIL' || syscall === 'getaddrinfo')
      throw new ConfigError(`MEDIAHOOKS_HOST: ${host} is not an address of this machine`, { cause: error });
    if (syscall !== 'listen') throw error;
    const why = code === 'EADDRINUSE' ? 'another program is listening there' : code;
    throw new ConfigError(`MEDIAHOOKS_PORT: can't listen on ${host}:${port}: ${why}`, { cause: error });
  }
  const { address, family, port: actualPort } = app.server.address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${actualPort}`;
}

/**
 * Stops listening, and waits for requests in progress. After `graceMs` milliseconds, closes
 * all open connections.
 */
export async function stopListening(app: App, graceMs: number): Promise<void> {
  const timer = setTimeout(() => app.server.closeAllConnections(), graceMs);
  await app.close().finally(() => clearTimeout(timer));
}
