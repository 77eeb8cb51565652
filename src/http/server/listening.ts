import type { AddressInfo } from 'node:net';
import { type Config, ConfigError } from '../../config/config.ts';
import type { App } from '../app.ts';

/** Fulfils with the URL that `app` then listens on. @throws ConfigError for an address that can't be had */
export async function listen(app: App, { host, port }: Pick<Config, 'host' | 'port'>): Promise<string> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    const { code = '', syscall } = error as NodeJS.ErrnoException;
    if (code === 'EADDRNOTAVAIL' || syscall === 'getaddrinfo')
      throw new ConfigError(`MEDIAHOOKS_HOST: ${host} is no address of this machine`, { cause: error });
    if (syscall !== 'listen') throw error;
    const why = code === 'EADDRINUSE' ? 'another program listens there' : code;
    throw new ConfigError(`MEDIAHOOKS_PORT: can't listen on ${host}:${port}: ${why}`, { cause: error });
  }
  const { address, family, port: taken } = app.server.address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${taken}`;
}

/** Ends what requests are under way, and cuts off those that take longer than the grace, in milliseconds. */
export async function stopListening(app: App, graceMs: number): Promise<void> {
  const timer = setTimeout(() => app.server.closeAllConnections(), graceMs);
  await app.close().finally(() => clearTimeout(timer));
}
